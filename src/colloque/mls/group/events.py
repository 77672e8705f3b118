"""What comes of calls on a `Group`: things to send, and things that happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from colloque.mls.group.outside import Outsider
from colloque.mls.group.state import Member
from colloque.mls.messages.proposal import Proposal, ReInit

if TYPE_CHECKING:
    from colloque.mls.group.group import Group


@dataclass(frozen=True, slots=True)
class Sending:
    """A message that cannot be sent before the state after it is kept: only `store` hands it out."""

    group: Group
    _message: bytes = field(repr=False)

    def store(self, save: Callable[[bytes], object]) -> bytes:
        """Calls `save` with the group's state in bytes; once it returns, gives the message. Where `save` raises, nothing may
        be sent, and the group before is still the one to use."""
        save(self.group.to_bytes())
        return self._message


@dataclass(frozen=True, slots=True)
class Staged:
    """A commit that was made and not yet merged: keep `group` to merge it, drop it to have done nothing."""

    group: Group
    message: bytes = field(repr=False)
    welcome: bytes | None = field(default=None, repr=False)
    ratchet_tree: bytes | None = field(default=None, repr=False)

    def store(self, save: Callable[[bytes], object]) -> bytes:
        """Calls `save` with the state that a merge leads to, in bytes, to be kept beside the one before; once it returns, gives
        the commit's message: a member can read no commit of its own, and would be shut out by one that it has lost."""
        save(self.group.to_bytes())
        return self.message


@dataclass(frozen=True, slots=True)
class Application:
    group: Group
    sender: Member
    epoch: int
    generation: int
    plaintext: bytes = field(repr=False)
    authenticated_data: bytes


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal that waits for a commit. `sender`: an `Outsider` only where the group's policy takes such."""

    group: Group
    ref: bytes
    sender: Member | Outsider
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class Committed:
    """With `self_removed`, `group` is the old one: it opens late messages of its epochs, and nothing else.

    `added` and `changed` (another signature key or credential) are those whose credentials the application has to accept: where
    it does not, it keeps the group that it had. With `reinit`, the group is at its end, and another takes its place.
    """

    group: Group
    sender: Member
    added: tuple[Member, ...]
    removed: tuple[Member, ...]
    self_removed: bool
    authenticated_data: bytes
    changed: tuple[Member, ...] = ()
    reinit: ReInit | None = None


Event = Application | Proposed | Committed
