"""Where a sender writes: a relay, a capability to write there, and the key that seals what is written."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from colloque.wire.codec import Reader, WireError, Writer

ORIGIN_BYTES = 255
QUEUE_KEY_BYTES = 32
CAPABILITY_BYTES = 32


def check_origin(origin: str) -> str:
    """A relay's origin, `https://host[:port]` (or `http:` within one's own walls); raises `WireError`.

    Without TLS whoever watches the line sees capabilities, and could take mail away with them.
    """
    try:
        parts = urlsplit(origin)
        _ = parts.port
    except ValueError:
        raise WireError(
            "a relay's address looks like https://relay.example, with nothing after the name"
        ) from None
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username or parts.password:
        raise WireError("a relay's address looks like https://relay.example, with nothing after the name")
    if parts.scheme == "http" and not _is_near(parts.hostname):
        raise WireError("a relay on the open network needs https")
    if parts.path or parts.query or parts.fragment or not origin.isascii() or origin != origin.strip():
        raise WireError("a relay's address looks like https://relay.example, with nothing after the name")
    return origin


def _is_near(host: str) -> bool:
    """On this machine, or in a private network."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal", ".home.arpa"))


@dataclass(frozen=True, slots=True)
class QueueAddress:
    """One sender's way into one queue (`spec/wire.md` W10)."""

    relay: str
    write: bytes = field(repr=False)
    key: bytes = field(repr=False)

    def write_to(self, out: Writer) -> Writer:
        out.text(check_origin(self.relay), ORIGIN_BYTES, 1)
        return out.fixed(self.write, CAPABILITY_BYTES).fixed(self.key, QUEUE_KEY_BYTES)

    @classmethod
    def read_from(cls, source: Reader) -> QueueAddress:
        relay = check_origin(source.text(ORIGIN_BYTES, 1))
        return cls(relay, source.fixed(CAPABILITY_BYTES), source.fixed(QUEUE_KEY_BYTES))

    def encode(self) -> bytes:
        return self.write_to(Writer()).done()

    @classmethod
    def decode(cls, data: bytes) -> QueueAddress:
        source = Reader(data)
        value = cls.read_from(source)
        source.end()
        return value


@dataclass(frozen=True, slots=True)
class QueueOffer:
    """A whole queue as its reader hands it to a host: the host gives each sender one of the capabilities (W11)."""

    relay: str
    key: bytes = field(repr=False)
    writers: tuple[bytes, ...] = field(repr=False)

    def address(self, index: int) -> QueueAddress:
        return QueueAddress(self.relay, self.writers[index], self.key)

    def write_to(self, out: Writer) -> Writer:
        out.text(check_origin(self.relay), ORIGIN_BYTES, 1).fixed(self.key, QUEUE_KEY_BYTES)
        return out.list(self.writers, lambda w, cap: w.fixed(cap, CAPABILITY_BYTES), 64)

    @classmethod
    def read_from(cls, source: Reader) -> QueueOffer:
        relay, key = check_origin(source.text(ORIGIN_BYTES, 1)), source.fixed(QUEUE_KEY_BYTES)
        writers = source.list(lambda r: r.fixed(CAPABILITY_BYTES), 64)
        if not writers or len(set(writers)) != len(writers):
            raise WireError("a queue is offered without a capability, or with one twice")
        return cls(relay, key, writers)
