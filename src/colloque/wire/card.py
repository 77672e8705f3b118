"""The card that a public link leads to: a lasting part, pinned by the link, and a dated part, signed by the first (W13)."""

from __future__ import annotations

from dataclasses import dataclass, field

from colloque.wire import xwing
from colloque.wire.address import QueueAddress
from colloque.wire.codec import Reader, WireError, Writer
from colloque.wire.profile import Profile
from colloque.wire.signing import (
    SIGNATURE_BYTES,
    SIGNATURE_KEY_BYTES,
    Purpose,
    check_digest,
    digest,
    sign,
    verify,
)

DATED_DAYS = 14
SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Lasting:
    """Who, for good: the signature key, and the queue for hellos."""

    signature_key: bytes
    contact: QueueAddress
    salt: bytes = field(repr=False)

    def encode(self) -> bytes:
        out = Writer().uint(1, 1).fixed(self.signature_key, SIGNATURE_KEY_BYTES)
        return self.contact.write_to(out).fixed(self.salt, SALT_BYTES).done()

    @classmethod
    def read_from(cls, source: Reader) -> Lasting:
        if source.uint(1) != 1:
            raise WireError("a card of another version")
        key = source.fixed(SIGNATURE_KEY_BYTES)
        return cls(key, QueueAddress.read_from(source), source.fixed(SALT_BYTES))

    @property
    def pin(self) -> bytes:
        return digest(Purpose.LASTING, self.encode())


@dataclass(frozen=True, slots=True)
class Card:
    """A card as it lies, sealed, on the relay. `not_after` in seconds since the epoch; `serial` only grows."""

    lasting: Lasting
    serial: int
    not_after: int
    profile: Profile
    hpke_key: bytes = field(repr=False)
    signature: bytes = field(repr=False, default=b"")

    def _dated(self) -> bytes:
        out = Writer().uint(self.serial, 8).uint(self.not_after, 8)
        return self.profile.write_to(out).fixed(self.hpke_key, xwing.PUBLIC_BYTES).done()

    def _signed(self) -> bytes:
        return self.lasting.pin + self._dated()

    def sign(self, seed: bytes) -> Card:
        signature = sign(seed, Purpose.CARD, self._signed())
        return Card(self.lasting, self.serial, self.not_after, self.profile, self.hpke_key, signature)

    def encode(self) -> bytes:
        out = Writer().raw(self.lasting.encode()).raw(self._dated())
        return out.fixed(self.signature, SIGNATURE_BYTES).done()

    @classmethod
    def decode(cls, data: bytes) -> Card:
        source = Reader(data)
        lasting, serial, not_after = Lasting.read_from(source), source.uint(8), source.uint(8)
        profile, key = Profile.read_from(source), source.fixed(xwing.PUBLIC_BYTES)
        card = cls(lasting, serial, not_after, profile, key, source.fixed(SIGNATURE_BYTES))
        source.end()
        return card

    def check(self, pin: bytes, now: int) -> None:
        """Raises `Forged` where it is not the pinned person's, `WireError` where its date is wrong. `now` in seconds."""
        check_digest(Purpose.LASTING, self.lasting.encode(), pin)
        verify(self.lasting.signature_key, Purpose.CARD, self._signed(), self.signature)
        if now > self.not_after:
            raise WireError("this card is out of date: its owner has not renewed it")
        if self.not_after > now + (DATED_DAYS + 1) * 86_400:
            raise WireError("this card claims to be valid for longer than a card may be")
