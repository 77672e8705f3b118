"""Where the pre-shared keys of a commit or a Welcome are looked up (RFC 9420 8.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from colloque.mls.errors import PskMalformed, PskRepeated, PskUnknown
from colloque.mls.group.state import State
from colloque.mls.messages.psk import PskId, PskType, Usage


@dataclass(frozen=True, slots=True)
class PskStore:
    """`external`: secrets by id. `groups`: the groups that one is or was in, for their resumption keys."""

    external: Mapping[bytes, bytes] = field(default_factory=dict, repr=False)
    groups: Sequence[State] = field(default=(), repr=False)

    def group(self, group_id: bytes, epoch: int) -> State | None:
        """A group of that id which still knows that epoch."""
        found = (s for s in self.groups if s.context.group_id == group_id)
        return next((s for s in found if s.resumption_psk(epoch) is not None), None)

    def secret(self, psk: PskId) -> bytes:
        """Raises `PskUnknown`."""
        if psk.type is PskType.EXTERNAL:
            secret = self.external.get(psk.id)
        else:
            state = self.group(psk.group_id, psk.epoch)
            secret = None if state is None else state.resumption_psk(psk.epoch)
        if secret is None:
            raise PskUnknown
        return secret

    def find(self, wanted: Sequence[PskId]) -> list[tuple[PskId, bytes]]:
        """Each with its secret, in the order that they were asked for."""
        return [(psk, self.secret(psk)) for psk in wanted]


def is_link(psk: PskId) -> bool:
    """A resumption key that ties a new group to an old one."""
    return psk.type is PskType.RESUMPTION and psk.usage in (Usage.REINIT, Usage.BRANCH)


def check_welcome_psks(wanted: Sequence[PskId], nonce_bytes: int) -> PskId | None:
    """What a newcomer checks of them (RFC 9420 12.4.3.1); the one that ties the group to an old one, if there is one."""
    if len(set(wanted)) != len(wanted):
        raise PskRepeated
    links = [psk for psk in wanted if is_link(psk)]
    if len(links) > 1 or any(len(psk.nonce) != nonce_bytes for psk in wanted):
        raise PskMalformed
    return links[0] if links else None
