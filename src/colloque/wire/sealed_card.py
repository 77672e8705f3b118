"""A card or an invitation as the relay holds it: of one size, under a key from the link's fragment (`spec/wire.md` W15)."""

from __future__ import annotations

from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from colloque.wire.codec import Reader, WireError, Writer
from colloque.wire.signing import Forged
from colloque.wire.sizes import CARD_BYTES

_AAD = b"colloque 1 sealed card"
_ROOM = CARD_BYTES - 12 - 16 - 2


def seal_card(key: bytes, body: bytes, random: Callable[[int], bytes]) -> bytes:
    nonce = random(12)
    plain = Writer().opaque(body, _ROOM).raw(bytes(_ROOM - len(body))).done()
    return nonce + AESGCM(key).encrypt(nonce, plain, _AAD)


def open_card(key: bytes, sealed: bytes) -> bytes:
    """Raises `Forged` where the link's key does not open it."""
    if len(sealed) != CARD_BYTES:
        raise WireError("a sealed card of the wrong size")
    try:
        source = Reader(AESGCM(key).decrypt(sealed[:12], sealed[12:], _AAD))
    except InvalidTag:
        raise Forged("the relay served a card that this link does not open") from None
    body = source.opaque(_ROOM)
    if any(source.rest()):
        raise WireError("a sealed card's padding is not zero")
    return body
