"""A return: what somebody who lost their group's state sends, to come back (`spec/sessions.md` S31 to S34).

Signed by their lasting key, and with a MAC under the secret that host and member shared earlier.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from colloque.wire.codec import Reader, WireError, Writer
from colloque.wire.hello import CONVERSATION_BYTES, KEY_PACKAGE_BYTES
from colloque.wire.signing import (
    SIGNATURE_BYTES,
    SIGNATURE_KEY_BYTES,
    Purpose,
    check_mac,
    mac,
    sign,
    verify,
)


@dataclass(frozen=True, slots=True)
class Return:
    """With a KeyPackage from a member (who asks, or answers a host's ask); without one from a host who lost the group.
    `head`: the number of the last message that the sender still knows from the reader."""

    conversation: bytes
    sender: bytes
    reader: bytes
    succession: int
    sent_at: int
    head: int
    key_package: bytes = field(repr=False, default=b"")

    def encode(self) -> bytes:
        out = Writer().uint(1, 1).fixed(self.conversation, CONVERSATION_BYTES)
        out.fixed(self.sender, SIGNATURE_KEY_BYTES).fixed(self.reader, SIGNATURE_KEY_BYTES)
        out.uint(self.succession, 4).uint(self.sent_at, 8).uint(self.head, 8)
        return out.opaque(self.key_package, KEY_PACKAGE_BYTES).done()

    @classmethod
    def read_from(cls, source: Reader) -> Return:
        if source.uint(1) != 1:
            raise WireError("a return of another version")
        return cls(
            source.fixed(CONVERSATION_BYTES),
            source.fixed(SIGNATURE_KEY_BYTES),
            source.fixed(SIGNATURE_KEY_BYTES),
            source.uint(4),
            source.uint(8),
            source.uint(8),
            source.opaque(KEY_PACKAGE_BYTES),
        )

    def seal(self, seed: bytes, recovery: bytes) -> bytes:
        body = self.encode()
        signature = sign(seed, Purpose.RETURN, body)
        return body + signature + mac(recovery, body + signature)

    @classmethod
    def open(cls, sealed: bytes, *, sender: bytes, reader: bytes, recovery: bytes) -> Return:
        """Raises `Forged` unless `sender` made it, for `reader`, holding the secret that the two share."""
        source = Reader(sealed)
        value = cls.read_from(source)
        body, signature, tag = value.encode(), source.fixed(SIGNATURE_BYTES), source.fixed(32)
        source.end()
        check_mac(recovery, body + signature, tag)
        verify(sender, Purpose.RETURN, body, signature)
        if value.sender != sender or value.reader != reader:
            raise WireError("a return of, or for, somebody else")
        return value
