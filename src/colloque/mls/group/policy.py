"""What a group allows beyond the RFC's own rules, as plain data (`spec/mls.md` M4)."""

from __future__ import annotations

from dataclasses import dataclass

from colloque.mls.codec import Reader, u8, u32, vector


@dataclass(frozen=True, slots=True)
class Policy:
    """`committer_signature_key`: the only member whose commits and proposals are taken; None for anybody's.
    Windows: `past_epochs` whose late messages still open, `skipped_generations` kept for a sender, `max_forward` ahead."""

    committer_signature_key: bytes | None = None
    external_operations: bool = False
    max_members: int = 1 << 20
    past_epochs: int = 64
    skipped_generations: int = 4_096
    max_forward: int = 4_096

    def encode(self) -> bytes:
        numbers = (self.max_members, self.past_epochs, self.skipped_generations, self.max_forward)
        key = self.committer_signature_key or b""
        return vector(key) + u8(int(self.external_operations)) + b"".join(u32(n) for n in numbers)

    @classmethod
    def read(cls, source: Reader) -> Policy:
        key, external = source.opaque(), bool(source.uint(1))
        return cls(key or None, external, *(source.uint(4) for _ in range(4)))


DEFAULT = Policy()
