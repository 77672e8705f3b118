"""The hello: the one message that whoever follows a link sends, sealed to the link's owner (`spec/wire.md` W16 to W19).

Signed by the newcomer's leaf key together with the recipient's identity and the link's pin, so that nobody can send it on to
another; with a MAC under the link's secret, so that only a holder of the link can have made it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from colloque.wire import xwing
from colloque.wire.address import QueueOffer
from colloque.wire.codec import Reader, WireError, Writer
from colloque.wire.profile import Profile
from colloque.wire.signing import (
    SIGNATURE_BYTES,
    SIGNATURE_KEY_BYTES,
    Purpose,
    check_mac,
    labelled,
    mac,
    sign,
    verify,
)

KEY_PACKAGE_BYTES = 8_192
FIRST_WORDS_BYTES = 8_192
CONVERSATION_BYTES = 16


@dataclass(frozen=True, slots=True)
class Hello:
    """`sent_at` in milliseconds since the epoch; `conversation` is drawn by the newcomer."""

    recipient: bytes
    pin: bytes
    signature_key: bytes
    conversation: bytes
    sent_at: int
    profile: Profile
    queue: QueueOffer
    key_package: bytes = field(repr=False)
    first_words: str = field(repr=False, default="")

    def encode(self) -> bytes:
        out = Writer().uint(1, 1).fixed(self.recipient, SIGNATURE_KEY_BYTES).fixed(self.pin, 32)
        out.fixed(self.signature_key, SIGNATURE_KEY_BYTES).fixed(self.conversation, CONVERSATION_BYTES)
        self.queue.write_to(self.profile.write_to(out.uint(self.sent_at, 8)))
        return (
            out.opaque(self.key_package, KEY_PACKAGE_BYTES).text(self.first_words, FIRST_WORDS_BYTES).done()
        )

    @classmethod
    def read_from(cls, source: Reader) -> Hello:
        if source.uint(1) != 1:
            raise WireError("a hello of another version")
        return cls(
            source.fixed(SIGNATURE_KEY_BYTES),
            source.fixed(32),
            source.fixed(SIGNATURE_KEY_BYTES),
            source.fixed(CONVERSATION_BYTES),
            source.uint(8),
            Profile.read_from(source),
            QueueOffer.read_from(source),
            source.opaque(KEY_PACKAGE_BYTES),
            source.text(FIRST_WORDS_BYTES),
        )

    @classmethod
    def decode(cls, data: bytes) -> Hello:
        source = Reader(data)
        value = cls.read_from(source)
        source.end()
        return value

    def seal(self, seed: bytes, secret: bytes, hpke_key: bytes) -> bytes:
        """Signed with the leaf's `seed`, authenticated with the link's `secret`, sealed to `hpke_key`."""
        body = self.encode()
        signature = sign(seed, Purpose.HELLO, body)
        return xwing.seal(hpke_key, body + signature + mac(secret, body + signature), _info(self.pin))

    @classmethod
    def unseal(cls, sealed: bytes, *, hpke_seed: bytes, secret: bytes, recipient: bytes, pin: bytes) -> Hello:
        """Raises `Forged` unless a holder of the link made it, for this recipient and this link, and nobody changed it."""
        plain = xwing.unseal(hpke_seed, sealed, _info(pin))
        source = Reader(plain)
        hello = cls.read_from(source)
        body = hello.encode()
        signature, tag = source.fixed(SIGNATURE_BYTES), source.fixed(32)
        source.end()
        check_mac(secret, body + signature, tag)
        verify(hello.signature_key, Purpose.HELLO, body, signature)
        if hello.recipient != recipient or hello.pin != pin:
            raise WireError("a hello meant for somebody else, or for another link")
        return hello


def _info(pin: bytes) -> bytes:
    return labelled(Purpose.HELLO, pin)
