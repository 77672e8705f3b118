"""What an MLS application message holds: an id, a number, a time, and one of the kinds of body (`spec/wire.md` W25)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, get_args

from colloque.wire.codec import Reader, WireError, Writer
from colloque.wire.content.call.agree import Agree
from colloque.wire.content.call.answer import CallAnswer
from colloque.wire.content.call.candidates import Candidates
from colloque.wire.content.call.hang_up import HangUp
from colloque.wire.content.call.offer import CallOffer
from colloque.wire.content.call.presence import Presence
from colloque.wire.content.call.restart import Restart
from colloque.wire.content.call.ring import Ring
from colloque.wire.content.call.word import Word
from colloque.wire.content.document import Document
from colloque.wire.content.receipt import Receipt, Retraction
from colloque.wire.content.roster import Roster
from colloque.wire.content.text import Text
from colloque.wire.content.wishes import Ask, Offer, Stated, Wish

Signal = Ring | Agree | CallOffer | CallAnswer | Candidates | Restart | Presence | Word | HangUp
"""What calls are made of (`spec/calls.md` C1): it is of use for a moment, and kept nowhere."""

Body = Text | Document | Receipt | Retraction | Roster | Wish | Ask | Offer | Stated | Signal

_KINDS: Final[dict[int, type[Body]]] = {body.KIND: body for body in get_args(Body)}
ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Content:
    """`number` counts an author's messages to people in a conversation from 1, so that a gap shows; 0 for the others.
    `sent_at` in milliseconds since the epoch, as its author's clock had it."""

    id: bytes
    number: int
    sent_at: int
    body: Body

    def encode(self) -> bytes:
        out = Writer().uint(1, 1).uint(self.body.KIND, 1).fixed(self.id, ID_BYTES)
        self.body.write_to(out.uint(self.number, 8).uint(self.sent_at, 8))
        return out.done()

    @classmethod
    def decode(cls, data: bytes) -> Content:
        source = Reader(data)
        if source.uint(1) != 1:
            raise WireError("content of another version")
        kind = _KINDS.get(source.uint(1))
        if kind is None:
            raise WireError("content of an unknown kind")
        ident, number, sent_at = source.fixed(ID_BYTES), source.uint(8), source.uint(8)
        value = cls(ident, number, sent_at, kind.read_from(source))
        source.end()
        return value
