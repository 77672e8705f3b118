"""What a rule wants done. The store carries all effects of one event out in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from colloque.protocol.session.model import OwnQueue
from colloque.wire.address import QueueAddress
from colloque.wire.content.content import Body, Content, Signal
from colloque.wire.content.receipt import Outcome
from colloque.wire.content.wishes import Ask
from colloque.wire.envelope import Kind


@dataclass(frozen=True, slots=True)
class Post:
    """Send `payload` to one reader. `about`: the id of the message to people that it carries, if any. `until`: when it is of
    no use any more, and not sent, in milliseconds."""

    to: bytes
    address: QueueAddress
    kind: Kind
    payload: bytes = field(repr=False)
    about: bytes | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """Put a body of the program's own (a roster, a wish) in line, to be encrypted in its turn. `to`: one reader only."""

    body: Body
    to: bytes | None = None


@dataclass(frozen=True, slots=True)
class Show:
    """A message from `author` has come."""

    author: bytes
    content: Content


@dataclass(frozen=True, slots=True)
class Signalled:
    """A piece of a call has come: told to whoever listens now, and kept nowhere."""

    author: bytes
    sent_at: int
    signal: Signal = field(repr=False)


@dataclass(frozen=True, slots=True)
class Owe:
    """`author` is to be told that message `id` was delivered (again, where it came twice)."""

    author: bytes
    id: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """`by` tells what became of my message `id`."""

    by: bytes
    id: bytes
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Retract:
    author: bytes
    target: bytes


class Happening(StrEnum):
    """What people are told of a conversation, besides its messages."""

    OPENED = "opened"
    JOINED = "joined"
    GONE = "gone"
    REMOVED_ME = "removed"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    RETURN_ASKED = "return-asked"
    RETURNED = "returned"
    HOST_CHANGED = "host-changed"
    SAME_NAME = "same-name"
    STATED = "stated"
    LINK_USED = "link-used"
    LOST = "lost"
    """This side has lost its state, and there is nobody whom it could ask to come back."""
    LOST_OWN = "lost-own"


@dataclass(frozen=True, slots=True)
class Notice:
    """`count` of what is missing, and the number of the `first`, where it is numbered."""

    what: Happening
    who: bytes = b""
    count: int = 0
    first: int = 0


@dataclass(frozen=True, slots=True)
class KeepRaw:
    """A message that cannot be opened yet: kept, bounded, and tried again after each step of the group."""

    payload: bytes = field(repr=False)
    epoch: int


@dataclass(frozen=True, slots=True)
class TryAgain:
    """The group has moved on: what was kept raw may open now. `quiet`: what does not is sent again by its authors."""

    quiet: bool = False


@dataclass(frozen=True, slots=True)
class MakeQueue:
    queue: OwnQueue


@dataclass(frozen=True, slots=True)
class DropQueue:
    queue: OwnQueue


@dataclass(frozen=True, slots=True)
class DropWriters:
    """Take capabilities of my queue out of use."""

    queue: OwnQueue
    indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Lend:
    """Lend `queues` queues of my token to whoever shows `grant`."""

    grant: bytes = field(repr=False)
    queues: int


@dataclass(frozen=True, slots=True)
class KeepKeyPackage:
    """`conversation`: the one that a Welcome for this package leads to."""

    ref: bytes
    conversation: bytes
    package: bytes = field(repr=False)
    secrets: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ForgetKeyPackage:
    ref: bytes


@dataclass(frozen=True, slots=True)
class Burn:
    """This invitation has been used, or withdrawn: its queue, its key and its card are to be erased."""

    invitation: bytes


@dataclass(frozen=True, slots=True)
class SendAgain:
    """Whatever `to` has not confirmed goes out again, in its order."""

    to: bytes


@dataclass(frozen=True, slots=True)
class Await:
    """Message `about` is for `to` as well, who is asked into this group and has not come yet: it goes out when they do."""

    to: bytes
    about: bytes


@dataclass(frozen=True, slots=True)
class GiveUp:
    """`to` is not here any more: what has not been sent to them will not be."""

    to: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """`by` asks me, in our conversation of two, into another conversation."""

    by: bytes
    ask: Ask


@dataclass(frozen=True, slots=True)
class Offered:
    """`by` answers my ask, in our conversation of two."""

    by: bytes
    offer: Body


Effect = (
    Post
    | Write
    | Show
    | Signalled
    | Owe
    | Told
    | Retract
    | Notice
    | KeepRaw
    | TryAgain
    | MakeQueue
    | DropQueue
    | DropWriters
    | KeepKeyPackage
    | ForgetKeyPackage
    | Burn
    | SendAgain
    | Await
    | GiveUp
    | Asked
    | Lend
    | Offered
)
