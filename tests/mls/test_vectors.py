"""Every official case whose suite is ours passes (`spec/mls.md` M2)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from colloque.mls.vectors.runner import UnknownKind, run_file

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
    report = run_file(path)
    assert report["failed"] == 0, report
    assert report["passed"] > 0
    print(path.name, report["passed"], "passed,", report["skipped"], "skipped:", report["why_skipped"])


def test_command_reports_failures_and_unknown_files(tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps([{"vlbytes_header": "40", "length": 1}, {"vlbytes_header": "00", "length": 0}]))
    command = [sys.executable, "-m", "colloque.mls.vectors", str(bad)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert (report["kind"], report["passed"], report["failed"]) == ("deserialization", 1, 1)
    other = tmp_path / "other.json"
    other.write_text("[{}]")
    with pytest.raises(UnknownKind):
        run_file(other)
