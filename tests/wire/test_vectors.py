"""`vectors/wire.json` is what this code makes and reads (`spec/wire.md` W2 to W5, W7, W8, W10, W20, W25, W31)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from colloque.wire.codec import WireError
from colloque.wire.envelope import open_envelope
from colloque.wire.links import Link
from colloque.wire.signing import Purpose, safety_number, verify
from tools.vectors import DECODERS, OUT, shown, written

CASES: list[dict[str, Any]] = json.loads(OUT.read_text(encoding="utf-8"))["cases"]


def test_the_file_is_what_the_generator_writes() -> None:
    assert OUT.read_text(encoding="utf-8") == written()


@pytest.mark.parametrize(
    "case", [c for c in CASES if c["kind"] in DECODERS], ids=lambda c: f"{c['clause']} {c['kind']}"
)
def test_decoded_and_encoded_again(case: dict[str, Any]) -> None:
    data = bytes.fromhex(case["bytes"])
    decode, encode = DECODERS[case["kind"]]
    if not case["valid"]:
        with pytest.raises(WireError):
            decode(data)
        return
    value = decode(data)
    assert shown(value) == case["fields"]
    assert encode(value) == data


@pytest.mark.parametrize("case", [c for c in CASES if c["kind"] == "envelope"], ids=lambda c: str(c["valid"]))
def test_envelopes(case: dict[str, Any]) -> None:
    key, data = bytes.fromhex(case["key"]), bytes.fromhex(case["bytes"])
    if case["valid"]:
        assert shown(open_envelope(key, data)) == case["fields"]
    else:
        with pytest.raises(WireError):
            open_envelope(key, data)


@pytest.mark.parametrize(
    "case", [c for c in CASES if c["kind"] == "link"], ids=lambda c: c.get("why", "good")
)
def test_links(case: dict[str, Any]) -> None:
    if not case["valid"]:
        with pytest.raises(WireError):
            Link.decode(case["text"])
        return
    link = Link.decode(case["text"])
    assert link.encode() == case["text"]
    assert shown(link) == case["fields"]
    assert [link.locator.hex(), link.seal_key.hex(), link.psk.hex()] == [
        case["locator"],
        case["seal_key"],
        case["psk"],
    ]


def test_what_is_derived() -> None:
    by_kind = {c["kind"]: c for c in CASES}
    signature = by_kind["signature"]
    verify(
        bytes.fromhex(signature["public_key"]),
        Purpose(signature["label"]),
        bytes.fromhex(signature["data"]),
        bytes.fromhex(signature["bytes"]),
    )
    number = by_kind["safety number"]
    assert safety_number(*map(bytes.fromhex, reversed(number["keys"]))) == number["text"]
