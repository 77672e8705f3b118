"""What a personal link leads to: one invitation, for one person, pinned as a whole by the link (`spec/wire.md` W14)."""

from __future__ import annotations

from dataclasses import dataclass, field

from colloque.wire import xwing
from colloque.wire.address import QueueAddress
from colloque.wire.codec import Reader, WireError, Writer
from colloque.wire.profile import Profile
from colloque.wire.signing import SIGNATURE_KEY_BYTES, Purpose, check_digest, digest

GRANT_BYTES = 64


@dataclass(frozen=True, slots=True)
class Invitation:
    """`grant` lets whoever has no relay of their own make one queue at `queue.relay`; `not_after` in seconds."""

    signature_key: bytes
    profile: Profile
    queue: QueueAddress
    hpke_key: bytes = field(repr=False)
    grant: bytes = field(repr=False)
    not_after: int
    salt: bytes = field(repr=False)

    def encode(self) -> bytes:
        out = Writer().uint(1, 1).fixed(self.signature_key, SIGNATURE_KEY_BYTES)
        self.queue.write_to(self.profile.write_to(out))
        out.fixed(self.hpke_key, xwing.PUBLIC_BYTES).opaque(self.grant, GRANT_BYTES, 1)
        return out.uint(self.not_after, 8).fixed(self.salt, 16).done()

    @classmethod
    def decode(cls, data: bytes) -> Invitation:
        source = Reader(data)
        if source.uint(1) != 1:
            raise WireError("an invitation of another version")
        value = cls(
            source.fixed(SIGNATURE_KEY_BYTES),
            Profile.read_from(source),
            QueueAddress.read_from(source),
            source.fixed(xwing.PUBLIC_BYTES),
            source.opaque(GRANT_BYTES, 1),
            source.uint(8),
            source.fixed(16),
        )
        source.end()
        return value

    @property
    def pin(self) -> bytes:
        return digest(Purpose.INVITATION, self.encode())

    def check(self, pin: bytes, now: int) -> None:
        """Raises `Forged` where it is not what the link pins, `WireError` where it has expired. `now` in seconds."""
        check_digest(Purpose.INVITATION, self.encode(), pin)
        if now > self.not_after:
            raise WireError("this invitation has expired: ask for a new one")
