"""Any bytes, into every decoder and into `process` and `join`: a value that encodes to the same bytes, or an `MlsError`."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from colloque.mls.codec import Wire
from fuzz import guided
from fuzz.mls_values import STRUCTS
from fuzz.run import mutate
from fuzz.target import Target
from fuzz.targets import MLS

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / ".long" / "corpus"
BLOCKS, RUNS = 20, 50_000
VALUES = [target for target in MLS if target.again is not None]


def _kinds(kind: type) -> set[type]:
    found: set[type] = set(type.__subclasses__(kind))
    return found.union(*(_kinds(one) for one in found))


def test_every_struct_is_fuzzed() -> None:
    assert {kind.__name__ for kind in _kinds(Wire)} == {kind.__name__ for kind in STRUCTS}


@pytest.mark.parametrize("target", VALUES, ids=lambda target: target.name)
def test_seeds_come_back_and_nothing_may_follow_them(target: Target) -> None:
    """Malleability: real values are taken, encode to the same bytes, and are refused with a byte more or fewer."""
    assert target.seeds
    for seed in target.seeds:
        assert target.check(seed)
        assert not target.check(seed + b"\0")
        if seed:
            assert not target.check(seed[:-1])


@pytest.mark.parametrize("target", MLS, ids=lambda target: target.name)
def test_mutated_bytes(target: Target) -> None:
    """Without guidance, on every system: forty mutations of each seed, at most 400 inputs."""
    source = random.Random(target.name)
    for _ in range(min(40 * len(target.seeds), 400)):
        target.check(mutate(source, source.choice(target.seeds)))


def _reason() -> str:
    return guided.absent() or ""


@pytest.mark.skipif(bool(_reason()), reason=_reason())
def test_ten_thousand_guided(tmp_path: Path) -> None:
    assert guided.block(10_000, 1, tmp_path, "mls")


@pytest.mark.long
@pytest.mark.skipif(bool(_reason()), reason=_reason())
@pytest.mark.parametrize("block", range(BLOCKS))
def test_a_million_guided(block: int) -> None:
    """In blocks; each goes on from the inputs that the ones before found worth keeping."""
    print(guided.block(RUNS, 1 + block, CORPUS, "mls"))
