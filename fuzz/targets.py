"""Everything that is fuzzed: the decoders of `wire`, and all of `mls`."""

from __future__ import annotations

import os

from colloque.wire import xwing
from colloque.wire.address import QueueAddress, QueueOffer
from colloque.wire.card import Card, Lasting
from colloque.wire.codec import WireError
from colloque.wire.content.call.bound import Bound
from colloque.wire.content.call.candidates import Candidates
from colloque.wire.content.call.offer import CallOffer
from colloque.wire.content.call.ring import Ring
from colloque.wire.content.content import Content
from colloque.wire.content.document import Document
from colloque.wire.content.receipt import Outcome, Receipt
from colloque.wire.content.text import Text
from colloque.wire.envelope import Kind, Part
from colloque.wire.frames.answers import Reading, decode_answer, encode_answer
from colloque.wire.frames.commands import MakeQueue, WriterSpec, decode_command, encode_command
from colloque.wire.frames.position import Position
from colloque.wire.hello import Hello
from colloque.wire.invitation import Invitation
from colloque.wire.links import Link, LinkKind
from colloque.wire.profile import Profile
from colloque.wire.signing import public_key
from fuzz import mls_forged, mls_values
from fuzz.mls_scene import Scene
from fuzz.target import Target


def _r(count: int) -> bytes:
    return os.urandom(count)


def _wire() -> tuple[Target, ...]:
    profile = Profile("Dr Anne Payet", "médecin", "99900000011")
    address = QueueAddress("https://relay.example", _r(32), _r(32))
    offer = QueueOffer("https://relay.example", _r(32), (_r(32), _r(32)))
    seed = _r(32)
    hello = Hello(_r(32), _r(32), public_key(seed), _r(16), 5, profile, offer, _r(300), "bonjour")
    card = Card(Lasting(public_key(seed), address, _r(16)), 3, 900, profile, xwing.public_key(_r(32))).sign(
        seed
    )
    invitation = Invitation(_r(32), profile, address, xwing.public_key(_r(32)), _r(32), 9, _r(16))
    document = Document(
        "a.pdf", "application/pdf", 70_000, _r(32), "https://relay.example", 65_536, _r(32), b""
    )
    contents = tuple(
        Content(_r(16), 3, 4, body).encode()
        for body in (Text("bonjour"), document, Receipt(((_r(16), Outcome.READ),), 8))
    ) + tuple(
        Content(_r(16), 0, 4, signal).encode()
        for signal in (
            Ring(_r(16), (_r(32), _r(32)), True, "+262 2"),
            CallOffer(Bound(_r(16), _r(32), 5, 1), 5, _r(32), "v=0"),
            Candidates(Bound(_r(16), _r(32), 5, 1), ((0, "candidate:1"),)),
        )
    )
    link = Link(LinkKind.CARD, "https://page.example", "https://relay.example", _r(32), _r(32))
    command = encode_command(7, MakeQueue(b"token", _r(32), (WriterSpec(_r(32), 3),)))
    answer = encode_answer(7, Reading(3, Position(1, 2), 9))

    def text(data: bytes) -> str:
        return data.decode("latin-1")

    return (
        Target("address", (address.encode(),), QueueAddress.decode, QueueAddress.encode, WireError),
        Target("hello", (hello.encode(),), Hello.decode, Hello.encode, WireError),
        Target("card", (card.encode(),), Card.decode, Card.encode, WireError),
        Target("invitation", (invitation.encode(),), Invitation.decode, Invitation.encode, WireError),
        Target("content", contents, Content.decode, Content.encode, WireError),
        Target("part", (Part(Kind.MLS, _r(16), 0, 1, b"x").encode(),), Part.decode, Part.encode, WireError),
        Target("link", (link.encode().encode(),), lambda d: Link.decode(text(d)), None, WireError),
        Target("command", (command,), decode_command, lambda v: encode_command(*v), WireError),
        Target("answer", (answer,), decode_answer, lambda v: encode_answer(*v), WireError),
    )


def _mls() -> tuple[Target, ...]:
    scene = Scene()
    return (*mls_values.targets(scene), *mls_forged.targets(scene))


MLS = _mls()
TARGETS = (*_wire(), *MLS)
