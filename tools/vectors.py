"""Writes `vectors/wire.json`: cases of the wire's formats, good and bad, for every implementation to read.

    python tools/vectors.py           writes it anew
    python tools/vectors.py --check   says whether it is up to date (exit 1 where not)

Each case: `clause`, `kind`, `bytes` (hexadecimal; `text` for links), `valid`, and either what is in it (`fields`) or why it is
to be refused (`why`). All inputs are drawn from one fixed seed, so that the file is the same wherever it is made.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from colloque.store.client.chunking import Sealer
from colloque.wire.address import QueueAddress
from colloque.wire.codec import Writer
from colloque.wire.content.call.agree import Agree
from colloque.wire.content.call.answer import CallAnswer
from colloque.wire.content.call.bound import Bound
from colloque.wire.content.call.candidates import Candidates
from colloque.wire.content.call.hang_up import HangUp, Why
from colloque.wire.content.call.offer import CallOffer
from colloque.wire.content.call.presence import Presence, There
from colloque.wire.content.call.restart import Restart
from colloque.wire.content.call.ring import Ring
from colloque.wire.content.call.word import Word
from colloque.wire.content.content import Body, Content
from colloque.wire.content.document import Document
from colloque.wire.content.receipt import Outcome, Receipt, Retraction
from colloque.wire.content.text import Text
from colloque.wire.content.wishes import Ask, Stated, Wish, WishKind
from colloque.wire.envelope import Kind, Part, open_envelope, seal
from colloque.wire.frames.answers import Accepted, Code, Reading, Refused, decode_answer, encode_answer
from colloque.wire.frames.commands import (
    Confirm,
    DropQueue,
    MakeQueue,
    Read,
    Send,
    WriterSpec,
    decode_command,
    encode_command,
)
from colloque.wire.frames.position import Position
from colloque.wire.links import Link, LinkKind
from colloque.wire.profile import Profile
from colloque.wire.signing import Purpose, derive, public_key, safety_number, sign
from colloque.wire.sizes import ENVELOPE_BYTES

OUT = Path(__file__).resolve().parents[1] / "vectors" / "wire.json"
Case = dict[str, Any]


class Drawn:
    """Bytes from a fixed seed: SHA-256 of `seed ‖ counter[8]`, one block after the other."""

    def __init__(self, seed: bytes) -> None:
        self._seed, self._count = seed, 0

    def __call__(self, size: int) -> bytes:
        out = b""
        while len(out) < size:
            out += hashlib.sha256(self._seed + self._count.to_bytes(8, "big")).digest()
            self._count += 1
        return out[:size]


def shown(value: Any) -> Any:
    """A value as JSON: bytes in hexadecimal, records by their fields."""
    if isinstance(value, bytes):
        return value.hex()
    if is_dataclass(value) and not isinstance(value, type):
        return {"is": type(value).__name__, **{f.name: shown(getattr(value, f.name)) for f in fields(value)}}
    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, tuple):
        return [shown(item) for item in value]
    return value


DECODERS: dict[str, tuple[Callable[[bytes], Any], Callable[[Any], bytes]]] = {
    "queue address": (QueueAddress.decode, QueueAddress.encode),
    "content": (Content.decode, Content.encode),
    "part": (Part.decode, Part.encode),
    "command": (decode_command, lambda v: encode_command(*v)),
    "answer": (decode_answer, lambda v: encode_answer(*v)),
}
"""The kinds that are decoded and encoded again."""


def _both(clause: str, kind: str, data: bytes) -> list[Case]:
    """A good case, and the bad ones that every format has: cut short, and with a byte too much."""
    good = {
        "clause": clause,
        "kind": kind,
        "bytes": data.hex(),
        "valid": True,
        "fields": shown(DECODERS[kind][0](data)),
    }
    bad = {"kind": kind, "valid": False}
    return [
        good,
        {**bad, "clause": "W3", "bytes": (data + b"\0").hex(), "why": "a byte is left over"},
        {**bad, "clause": "W2", "bytes": data[:-1].hex(), "why": "it ends too early"},
        {**bad, "clause": "W2", "bytes": "", "why": "nothing"},
    ]


def _bad(clause: str, kind: str, data: bytes, why: str) -> Case:
    return {"clause": clause, "kind": kind, "bytes": data.hex(), "valid": False, "why": why}


def cases() -> list[Case]:
    r = Drawn(b"colloque vectors 1")
    relay = "https://relay.example"
    address = QueueAddress(relay, r(32), r(32))
    found = _both("W10", "queue address", address.encode())
    port = QueueAddress("http://127.0.0.1:8440", r(32), r(32))
    found += _both("W10", "queue address", port.encode())
    document = Document("Résultats.pdf", "application/pdf", 70_000, r(32), relay, 65_536, r(32), r(32))
    numbered: tuple[Body, ...] = (
        Text("Bonjour, je vous adresse Mme Hoarau. 👋"),
        document,
        Retraction(r(16)),
    )
    for number, body in enumerate(numbered, 1):
        found += _both("W25", "content", Content(r(16), number, 1_795_000_000_000, body).encode())
    others: tuple[Body, ...] = (
        Receipt(((r(16), Outcome.DELIVERED), (r(16), Outcome.READ)), 7),
        Wish(WishKind.RENEW, b""),
        Ask(r(16), "Équipe", 2, relay, r(32)),
        Stated(Profile("Dr Anne Payet", "médecin", "99900000011")),
    )
    for other in others:
        found += _both("W25", "content", Content(r(16), 0, 1_795_000_000_000, other).encode())
    found += _calls(r)
    text = Content(r(16), 1, 5, Text("a")).encode()
    found.append(_bad("W25", "content", b"\x02" + text[1:], "another version"))
    found.append(_bad("W25", "content", text[:1] + b"\xee" + text[2:], "a kind that there is not"))
    found.append(_bad("W1", "content", text[:-1] + b"\xff", "not UTF-8"))
    found.append(_bad("W1", "content", text[:-1] + b"\0", "a NUL in a text"))
    found += _parts(r)
    found += _frames(r)
    found += _links(r, relay)
    found += _derived(r, document)
    return found


def _calls(r: Drawn) -> list[Case]:
    call, me, them = r(16), r(32), r(32)
    bound = Bound(call, me, 1_795_000_000_123, 1)
    sdp = "v=0\r\na=fingerprint:sha-256 AA:BB\r\n"
    ring = Ring(call, (me, them), True, "+262 2 62 00 00 00")
    found: list[Case] = []
    for body in (
        ring,
        Agree(call, me, 1_795_000_000_000, 0, 3),
        CallOffer(bound, 1_795_000_000_000, r(32), sdp),
        CallAnswer(bound, r(32), sdp),
        Candidates(bound, ((0, "candidate:1 1 udp 2 192.0.2.1 5000 typ host"), (1, ""))),
        Restart(bound),
        Presence(There.WITH_SOMEONE),
        Word(True, 10, "J'arrive"),
        HangUp(call, Why.FORGED),
    ):
        found += _both("C3", "content", Content(r(16), 0, 1_795_000_000_000, body).encode())
    head = Content(r(16), 0, 5, ring).encode()[:34]
    one = Writer().fixed(call, 16).list((me,), lambda w, key: w.fixed(key, 32), 4).flag(True).text("", 40, 1)
    found.append(_bad("C3", "content", head + one.done(), "a call with one person"))
    twice = Writer().fixed(call, 16).list((me, me), lambda w, key: w.fixed(key, 32), 4).flag(True)
    found.append(_bad("C3", "content", head + twice.text("", 40, 1).done(), "somebody twice in a call"))
    end = Content(r(16), 0, 5, HangUp(call, Why.OVER)).encode()
    found.append(_bad("C3", "content", end[:-1] + b"\5", "an end for a reason that there is not"))
    here = Content(r(16), 0, 5, Presence(There.HERE)).encode()
    found.append(_bad("C3", "content", here[:-1] + b"\0", "a presence that there is not"))
    return found


def _parts(r: Drawn) -> list[Case]:
    part = Part(Kind.MLS, r(16), 0, 1, b"an MLS message")
    found = _both("W8", "part", part.encode())
    plain = part.encode()
    found.append(_bad("W8", "part", plain[:-1] + b"\1", "padding that is not zero"))
    found.append(_bad("W8", "part", plain[:18] + b"\0\1" + plain[20:], "an index beyond the total"))
    key = r(32)
    sealed = seal(key, part, r)
    assert len(sealed) == ENVELOPE_BYTES
    assert open_envelope(key, sealed) == part
    envelope = {"clause": "W7", "kind": "envelope", "key": key.hex()}
    return [
        *found,
        {**envelope, "bytes": sealed.hex(), "valid": True, "fields": shown(part)},
        {
            **envelope,
            "bytes": (sealed[:-1] + bytes([sealed[-1] ^ 1])).hex(),
            "valid": False,
            "why": "a tag that does not fit",
        },
    ]


def _frames(r: Drawn) -> list[Case]:
    found = []
    for command in (
        MakeQueue(b"", r(32), (WriterSpec(r(32), 0), WriterSpec(r(32), 64))),
        Send(r(32), r(ENVELOPE_BYTES)),
        Send(r(32), r(ENVELOPE_BYTES), follows=True),
        Read(r(32)),
        Confirm(9, Position(3, 70_000)),
        DropQueue(r(32)),
    ):
        found += _both("R8", "command", encode_command(7, command))
    for answer in (Accepted(), Reading(9, Position(3, 70_000), 12), Refused(Code.FULL, 30_000)):
        found += _both("R8", "answer", encode_answer(7, answer))
    return found


def _links(r: Drawn, relay: str) -> list[Case]:
    found = []
    for kind in LinkKind:
        link = Link(kind, "https://page.example", relay, r(32), r(32))
        whole = link.encode()
        base = {"clause": "W20", "kind": "link"}
        found += [
            {
                **base,
                "text": whole,
                "valid": True,
                "fields": shown(link),
                "locator": link.locator.hex(),
                "seal_key": link.seal_key.hex(),
                "psk": link.psk.hex(),
            },
            {**base, "text": whole[:-3], "valid": False, "why": "cut short"},
            {**base, "text": whole + "A", "valid": False, "why": "more than there should be"},
            {
                **base,
                "text": whole.replace("#", "?", 1),
                "valid": False,
                "why": "no fragment: a server would see it",
            },
        ]
    return found


def _derived(r: Drawn, document: Document) -> list[Case]:
    one, other, secret = r(32), r(32), r(32)
    sealer = Sealer(document)
    sealer.read(io.BytesIO(r(document.size)), 0)
    plain, chunk = bytes(sealer.piece), bytes(sealer.seal())
    label = Purpose.CHUNK_KEY
    return [
        {
            "clause": "W5",
            "kind": "signature",
            "label": label.value,
            "seed": one.hex(),
            "public_key": public_key(one).hex(),
            "data": secret.hex(),
            "bytes": sign(one, label, secret).hex(),
            "valid": True,
        },
        {
            "clause": "W5",
            "kind": "derived key",
            "label": label.value,
            "secret": secret.hex(),
            "context": "00000001",
            "bytes": derive(secret, label, b"\0\0\0\1").hex(),
            "valid": True,
        },
        {
            "clause": "S9",
            "kind": "safety number",
            "keys": [public_key(one).hex(), public_key(other).hex()],
            "text": safety_number(public_key(one), public_key(other)),
            "valid": True,
        },
        {
            "clause": "W31",
            "kind": "chunk",
            "secret": document.secret.hex(),
            "deletion": document.deletion.hex(),
            "index": 0,
            "key": document.chunk_key(0).hex(),
            "read": document.read_capability(0).hex(),
            "write": document.write_capability(0).hex(),
            "delete": document.delete_capability(0).hex(),
            "content_sha256": hashlib.sha256(plain).hexdigest(),
            "sha256": hashlib.sha256(chunk).hexdigest(),
            "valid": True,
        },
    ]


def written() -> str:
    return json.dumps({"format": "colloque wire 1", "cases": cases()}, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(0 if OUT.read_text(encoding="utf-8") == written() else f"{OUT.name} is out of date")
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(written(), encoding="utf-8")
