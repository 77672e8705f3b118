"""The decoders, each with seeds that are real, its own error family, and the way back."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from colloque.mls.api import Group, KeyPackage, Lifetime, MlsError, SignatureKey, new_key_package, peek, suite
from colloque.mls.framing.message import MlsMessage
from colloque.wire import xwing
from colloque.wire.address import QueueAddress, QueueOffer
from colloque.wire.card import Card, Lasting
from colloque.wire.codec import WireError
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


@dataclass(frozen=True, slots=True)
class Target:
    """`again`: what was decoded, encoded: the same bytes must come."""

    name: str
    seeds: tuple[bytes, ...]
    decode: Callable[[bytes], Any]
    again: Callable[[Any], bytes] | None
    error: type[Exception]

    def check(self, data: bytes) -> None:
        try:
            value = self.decode(data)
        except self.error:
            return
        if self.again is not None and self.again(value) != data:
            raise AssertionError(f"{self.name}: what was decoded encodes to other bytes: {data.hex()}")


def _r(count: int) -> bytes:
    return os.urandom(count)


def _package_anew(package: KeyPackage) -> bytes:
    """From the fields alone: a leaf that was read keeps its bytes."""
    return replace(package, leaf=replace(package.leaf)).to_bytes()


def _targets() -> tuple[Target, ...]:
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
    )
    link = Link(LinkKind.CARD, "https://page.example", "https://relay.example", _r(32), _r(32))
    command = encode_command(7, MakeQueue(b"token", _r(32), (WriterSpec(_r(32), 3),)))
    answer = encode_answer(7, Reading(3, Position(1, 2), 9))
    kind = suite(1)
    signer = SignatureKey.generate(kind)
    package, _ = new_key_package(kind, signer, b"anne", Lifetime(0, 1 << 24), _r)
    group = Group.create(kind, b"group", signer, b"anne", _r, 1)
    staged = group.commit(
        _r, 1, add=[new_key_package(kind, SignatureKey.generate(kind), b"b", Lifetime(0, 1 << 24), _r)[0]]
    )
    _, private = staged.group.protect(b"bonjour", _r)
    messages = (staged.message, staged.welcome or b"", private)

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
        Target("key package", (package.to_bytes(),), KeyPackage.from_bytes, _package_anew, MlsError),
        Target("mls message", messages, MlsMessage.decode, MlsMessage.encode, MlsError),
        Target("mls peek", messages, peek, None, MlsError),
        Target("mls state", (staged.group.to_bytes(),), Group.from_bytes, None, MlsError),
        Target("mls process", messages, lambda d: group.process(d, 1), None, MlsError),
    )


TARGETS = _targets()
