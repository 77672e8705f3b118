"""The bench of MLS runs, at a small size, so that its figures can be had whenever they are wanted."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from bench import mls, mls_groups, mls_plot
from bench.mls_sides import Ours, why_absent
from tests.support.absent import skip_or_fail


def test_both_libraries_are_measured_and_the_curves_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = why_absent()
    skip_or_fail(absent and f"the bench of MLS NOT run: {absent}")
    monkeypatch.setattr(mls_groups, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(mls, "rounds_for", lambda _size: 1)
    found = mls.run(suites=(83,), sizes=(2, 20), curve=(4, 8))
    for row in ("full 2: commit", "full 20: process", "flat 20: commit", "full 20: unprotect"):
        assert found[f"suite 83: {row}"].keys() >= {"ours", "ts-mls", "ratio"}
        assert found[f"suite 83: {row}"]["ours"] > 0
    assert found["suite 83: full 20: protect"]["primitives"] > 0
    assert len(mls_plot.table(found).splitlines()) == len(found) + 2
    mls_plot.write(found, tmp_path / "mls.svg")
    drawn = ElementTree.parse(tmp_path / "mls.svg").getroot()
    assert len(drawn.findall("{http://www.w3.org/2000/svg}polyline")) == 2


def test_groups_of_the_cache_are_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is measured is one group: two of ours, in a tree of the cache, follow each other."""
    monkeypatch.setattr(mls_groups, "CACHE", tmp_path / "cache")
    pair = [Ours(1, name) for name in ("one", "other")]
    host = mls_groups.group(1, "full", 6)
    welcome = mls_groups.welcome(host, [side.package for side in pair])
    for side in pair:
        side.join(welcome)
    assert all(
        host.state.tree.nodes[at] is not None for at in range(0, 12, 2) if at // 2 not in mls_groups.FREE
    )
    message, _ = pair[0].commit()
    authenticator, _ = pair[1].process(message)
    assert authenticator == pair[0].group.epoch_authenticator
