"""The two links that people give each other. Everything secret is in the fragment, which no server is sent (W20)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from enum import IntEnum

from colloque.wire.address import ORIGIN_BYTES, check_origin
from colloque.wire.codec import Reader, WireError, Writer
from colloque.wire.signing import Purpose, derive

LINK_CHARACTERS = 1024
SECRET_BYTES = 32


class LinkKind(IntEnum):
    CARD = 1
    INVITATION = 2


_DAMAGED = "this link is damaged or incomplete: copy it whole, or ask for it again"
_PATHS = {LinkKind.CARD: "c", LinkKind.INVITATION: "i"}


@dataclass(frozen=True, slots=True)
class Link:
    """A public card's link, or a personal invitation's.

    `site` is the origin that serves the page; `relay` the one that holds the sealed card, often the same. `secret` finds
    and opens the card and authenticates the hello; `pin` is the hash of the part that may not change.
    """

    kind: LinkKind
    site: str
    relay: str
    secret: bytes = field(repr=False)
    pin: bytes = field(repr=False)

    @property
    def locator(self) -> bytes:
        """The capability that fetches the sealed card."""
        return derive(self.secret, Purpose.LOCATOR)

    @property
    def seal_key(self) -> bytes:
        return derive(self.secret, Purpose.SEAL)

    @property
    def psk(self) -> bytes:
        """Mixed into the group that answers the hello."""
        return derive(self.secret, Purpose.PSK)

    def encode(self) -> str:
        out = Writer().uint(1, 1).uint(self.kind, 1).fixed(self.secret, SECRET_BYTES).fixed(self.pin, 32)
        out.text("" if self.relay == self.site else check_origin(self.relay), ORIGIN_BYTES, 1)
        text = base64.urlsafe_b64encode(out.done()).rstrip(b"=").decode("ascii")
        return f"{check_origin(self.site)}/{_PATHS[self.kind]}#{text}"

    @classmethod
    def decode(cls, link: str) -> Link:
        """Raises `WireError`, with words fit for whoever pasted the link."""
        link = link.strip()
        front, mark, fragment = link.partition("#")
        site, _, path = front.rpartition("/")
        if not mark or len(link) > LINK_CHARACTERS:
            raise WireError("this is no whole Colloque link: copy all of it, with what comes after the #")
        try:
            data = base64.b64decode(fragment + "=" * (-len(fragment) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise WireError(_DAMAGED) from None
        if data[:1] not in (b"", b"\x01"):
            raise WireError("this link is of another version of Colloque")
        try:
            value = cls._read(Reader(data), site)
        except WireError:
            raise WireError(_DAMAGED) from None
        if value.encode() != link or path != _PATHS[value.kind]:
            raise WireError(_DAMAGED)
        return value

    @classmethod
    def _read(cls, source: Reader, site: str) -> Link:
        source.uint(1)
        kind = source.uint(1)
        if kind not in list(LinkKind):
            raise WireError("a link of an unknown kind")
        secret, pin, relay = source.fixed(SECRET_BYTES), source.fixed(32), source.text(ORIGIN_BYTES, 1)
        source.end()
        return cls(LinkKind(kind), check_origin(site), check_origin(relay or site), secret, pin)
