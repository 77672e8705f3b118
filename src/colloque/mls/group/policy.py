"""What a group allows beyond the RFC's own rules, as plain data (`spec/mls.md` M4).

What comes from outside is refused by default.
"""

from __future__ import annotations

from dataclasses import dataclass

from colloque.mls.codec import Reader, u8, u32, u64, vector
from colloque.mls.errors import StateInvalid

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Policy:
    """`committer_signature_key`: the only member whose commits and proposals are taken; None for anybody's.

    From outside the group: `external_commits` let newcomers in without being added; `external_resync` lets one replace an
    older leaf of the same credential; `external_proposals` takes those of senders that the group's context names;
    `newcomer_proposals` those of newcomers who ask to be added.
    `reinit`: a commit may end the group, for another in its place.
    Windows: `past_epochs` whose late messages still open, `skipped_generations` kept for a sender, `max_forward` ahead.
    `max_lifetime`: the longest that a leaf of a key package may live, in seconds.
    """

    committer_signature_key: bytes | None = None
    external_commits: bool = False
    external_resync: bool = False
    external_proposals: bool = False
    newcomer_proposals: bool = False
    reinit: bool = False
    max_members: int = 1 << 20
    past_epochs: int = 64
    skipped_generations: int = 4_096
    max_forward: int = 4_096
    max_lifetime: int = 400 * DAY

    def _allowed(self) -> int:
        flags = (
            self.external_commits,
            self.external_resync,
            self.external_proposals,
            self.newcomer_proposals,
            self.reinit,
        )
        return sum(bool(flag) << at for at, flag in enumerate(flags))

    def encode(self) -> bytes:
        numbers = (self.max_members, self.past_epochs, self.skipped_generations, self.max_forward)
        head = vector(self.committer_signature_key or b"") + u8(self._allowed())
        return head + b"".join(u32(n) for n in numbers) + u64(self.max_lifetime)

    @classmethod
    def read(cls, source: Reader) -> Policy:
        key, allowed = source.opaque(), source.uint(1)
        if allowed >> 5:
            raise StateInvalid
        commits, resync, proposals, newcomers, reinit = (bool(allowed >> at & 1) for at in range(5))
        members, epochs, skipped, forward = (source.uint(4) for _ in range(4))
        numbers = members, epochs, skipped, forward, source.uint(8)
        return cls(key or None, commits, resync, proposals, newcomers, reinit, *numbers)


DEFAULT = Policy()
