"""Short-lived credentials for a TURN server, in coturn's REST form: no accounts, no list of users (`spec/relay.md` R40)."""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.hmac import HMAC

SECONDS: Final = 6 * 3_600
_URL: Final = re.compile(r"turns?:(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:[0-9]{1,5})?(\?transport=(udp|tcp))?", re.I)


@dataclass(frozen=True, slots=True)
class Turn:
    """`secret`: the one that the server was given (`static-auth-secret`). `only`: media go over it, and no other way."""

    urls: tuple[str, ...]
    secret: bytes = field(repr=False)
    only: bool = False

    def __post_init__(self) -> None:
        if not 1 <= len(self.urls) <= 8 or not all(_URL.fullmatch(url) for url in self.urls):
            raise ValueError("want one to eight addresses such as turn:relay.example.org:3478")
        if len(self.secret) < 16:
            raise ValueError("a secret of at least 16 bytes is needed")

    def credentials(self, now: int) -> dict[str, Any]:
        """`now` in seconds since the epoch. The name is the time at which they end, and a random word that counts them apart."""
        name = f"{now + SECONDS}:{secrets.token_hex(8)}"
        # The form's own hash: as a MAC SHA-1 is not broken, and coturn knows no other.
        mac = HMAC(self.secret, SHA1())  # noqa: S303
        mac.update(name.encode("ascii"))
        return {
            "urls": list(self.urls),
            "username": name,
            "credential": base64.b64encode(mac.finalize()).decode("ascii"),
            "seconds": SECONDS,
            "only": self.only,
        }
