"""Every official case whose suite is ours passes (`spec/mls.md` M2)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from colloque.mls.vectors.runner import run_file

ROOT = Path(__file__).resolve().parents[2]
WHERE = "the MLS working group's test vectors (mlswg/mls-implementations, folder test-vectors) are looked for there"


def folder() -> Path | None:
    given = os.environ.get("COLLOQUE_VECTORS")
    places = [Path(given)] if given else [ROOT.parent / "shared" / "vectors"]
    return next((p / "mls" if (p / "mls").is_dir() else p for p in places if p.is_dir()), None)


FILES = sorted(folder().glob("*.json")) if folder() else []  # type: ignore[union-attr]


@pytest.mark.skipif(not FILES, reason=f"no vectors at $COLLOQUE_VECTORS or ../shared/vectors: {WHERE}")
def test_there_are_vectors() -> None:
    assert len(FILES) >= 15


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_official_vectors(path: Path) -> None:
    # MUST 7.6-1, 7.8-1, 17.1-1
    report = run_file(path)
    assert report["failed"] == 0, report
    assert report["passed"] > 0
    print(path.name, report["passed"], "passed,", report["skipped"], "skipped:", report["why_skipped"])


def run(*files: Path) -> tuple[int, list[dict[str, Any]]]:
    command = [sys.executable, "-m", "colloque.mls.vectors", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


GOOD = {"vlbytes_header": "00", "length": 0}


def test_the_command_reports_each_file(tmp_path: Path) -> None:
    """A JSON line for each; the exit code is 1 where one failed, whichever."""
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps([GOOD, {**GOOD, "cipher_suite": 99}]))
    bad.write_text(json.dumps([{"vlbytes_header": "40", "length": 1}, GOOD]))
    code, [one] = run(good)
    assert code == 0
    assert one == {
        "file": str(good),
        "kind": "deserialization",
        "passed": 1,
        "failed": 0,
        "skipped": 1,
        "why_skipped": ["cipher suite 99 is not supported"],
    }
    code, [two, one] = run(bad, good)
    assert (code, two["passed"], two["failed"], one["failed"]) == (1, 1, 1, 0)
    assert two["failures"][0].startswith("case 0: DecodeError")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"[{}]",
        b"{}",
        b"[1]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'[{"ref_hash": 1}]',
        None,
    ],
    ids=repr,
)
def test_what_is_no_file_of_vectors_is_said_so(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "file.json"
    if content is not None:
        path.write_bytes(content)
    code, [line] = run(path)
    assert (code, line["kind"], line["passed"]) == (1, "unknown", 0)
    assert line["error"]


def _cases() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in FILES:
        yield path.stem, json.loads(path.read_text("utf-8"))[0]


WRONG: tuple[Any, ...] = (None, -1, 1 << 70, "zz", "00", [], [None], {}, [[1]])


def _spoiled(case: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each field left out, and of another type; each text cut."""
    for name, value in case.items():
        yield {k: v for k, v in case.items() if k != name}
        for other in WRONG:
            if other != value:
                yield {**case, name: other}
        if isinstance(value, str) and len(value) > 2:
            yield {**case, name: value[:-2]}


@pytest.mark.parametrize(("stem", "case"), list(_cases()), ids=lambda v: v if isinstance(v, str) else "")
def test_cases_of_a_wrong_form_fail_and_nothing_else(stem: str, case: dict[str, Any], tmp_path: Path) -> None:
    """`failed` counts them; no exception comes out."""
    path = tmp_path / "spoiled.json"
    spoiled = list(_spoiled(case))
    path.write_text(json.dumps([case, *spoiled, 7, None]))
    report = run_file(path)
    assert report["passed"] + report["failed"] + report["skipped"] == len(spoiled) + 3
    assert report["failed"] > 2, stem
