"""Opening what a relay holds for a link."""

from __future__ import annotations

from colloque.wire.card import Card
from colloque.wire.codec import WireError
from colloque.wire.invitation import Invitation
from colloque.wire.links import Link, LinkKind
from colloque.wire.sealed_card import open_card
from colloque.wire.signing import Forged


def opened(link: Link, sealed: bytes, now: int) -> Card | Invitation:
    """What a relay holds for a link, checked against its pin; `now` in seconds. Raises `WireError` in words for people."""
    try:
        body = open_card(link.seal_key, sealed)
        found = Card.decode(body) if link.kind is LinkKind.CARD else Invitation.decode(body)
    except WireError:
        raise Forged("what the relay holds for this link is damaged or forged: ask for a new link") from None
    try:
        found.check(link.pin, now)
    except Forged:
        raise Forged("what the relay holds for this link is damaged or forged: ask for a new link") from None
    return found
