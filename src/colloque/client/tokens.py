"""A relay's token, as its administrator hands it to a person."""

from __future__ import annotations

import re

from colloque.wire.codec import WireError


def check_token(given: str) -> bytes:
    """One word as a relay's administrator gives it; raises `WireError`."""
    if not re.fullmatch(r"[!-~]{8,64}", given.strip()):
        raise WireError("that is not a token: it is one word of 8 to 64 letters, digits and signs")
    return given.strip().encode("ascii")
