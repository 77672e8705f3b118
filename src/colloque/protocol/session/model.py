"""What an end knows of itself and of its conversations. Values only; the rules are in the files beside this one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from colloque.mls.api import Group
from colloque.protocol.session.hosting import Hosting
from colloque.wire.address import QueueAddress, QueueOffer
from colloque.wire.profile import Profile
from colloque.wire.signing import person_id, public_key

Random = Callable[[int], bytes]
DAY = 86_400_000


@dataclass(frozen=True, slots=True)
class Identity:
    """One person at one home: the lasting signature key, and what they state of themself."""

    seed: bytes = field(repr=False)
    profile: Profile
    relay: str
    token: bytes = field(repr=False)

    @property
    def key(self) -> bytes:
        """The public signature key, by which others know this person."""
        return public_key(self.seed)

    @property
    def person(self) -> bytes:
        return person_id(self.key)


@dataclass(frozen=True, slots=True)
class Context:
    """What every rule is given besides its state: who I am, the time in milliseconds, and randomness."""

    identity: Identity
    now: int
    random: Random = field(repr=False)

    @property
    def seconds(self) -> int:
        return self.now // 1000


class Phase(StrEnum):
    """Where a conversation stands, as people see it."""

    WAITING = "waiting"
    """A hello is under way; nobody has answered yet."""
    OPEN = "open"
    RETURNING = "returning"
    """The other side has lost its state and asks to come back: a human must say yes."""
    LOST = "lost"
    """This side has lost its state and has asked the others to let it come back."""
    LEFT = "left"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class OwnQueue:
    """The queue in which I read a conversation (or an invitation). `writers` are the capabilities made with it."""

    id: bytes
    relay: str
    read: bytes = field(repr=False)
    key: bytes = field(repr=False)
    writers: tuple[bytes, ...] = field(repr=False)
    grant: bytes = field(repr=False, default=b"")

    @property
    def offer(self) -> QueueOffer:
        return QueueOffer(self.relay, self.key, self.writers)


UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Peer:
    """Somebody else in a conversation. `head`: the number of their last message that came; `UNKNOWN` where they may have
    written before this end was there. `my_writer`: the index of my queue's capability that they hold."""

    key: bytes
    profile: Profile
    address: QueueAddress | None = None
    my_writer: int | None = None
    head: int = 0


@dataclass(frozen=True, slots=True)
class Conversation:
    """`host` commits; `number` counts my own messages to people; `succession` counts its groups."""

    id: bytes
    name: str
    pair: bool
    phase: Phase
    host: bytes
    queue: OwnQueue
    peers: tuple[Peer, ...] = ()
    second_host: bytes = b""
    recovery: bytes = field(repr=False, default=b"")
    revision: int = 0
    number: int = 0
    succession: int = 1
    welcome_psk: bytes = field(repr=False, default=b"")
    renewed_at: int = 0
    committed_at: int = 0

    def peer(self, key: bytes) -> Peer | None:
        return next((peer for peer in self.peers if peer.key == key), None)

    def with_peer(self, changed: Peer) -> Conversation:
        """With this peer in place of the one of the same key, or added at the end."""
        if self.peer(changed.key) is None:
            return replace(self, peers=(*self.peers, changed))
        return replace(self, peers=tuple(changed if p.key == changed.key else p for p in self.peers))

    def with_queue(self, queue: OwnQueue) -> Conversation:
        """Read in another queue from now on: nobody holds a capability of it yet."""
        return replace(self, queue=queue, peers=tuple(replace(peer, my_writer=None) for peer in self.peers))

    def without_peer(self, key: bytes) -> Conversation:
        return replace(self, peers=tuple(p for p in self.peers if p.key != key))


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation with its MLS groups, newest first (the older ones open late mail), and the host's own books."""

    conversation: Conversation
    groups: tuple[Group, ...] = field(repr=False, default=())
    hosting: Hosting | None = field(repr=False, default=None)

    @property
    def group(self) -> Group:
        return self.groups[0]

    def with_group(self, group: Group) -> Talk:
        """The newest group in its next state."""
        return replace(self, groups=(group, *self.groups[1:]))

    def succeeded_by(self, group: Group, keep: int = 4) -> Talk:
        """A new group in front; the older ones stay for what is still under way, `keep` of them at most."""
        return replace(self, groups=(group, *self.groups[:keep]))
