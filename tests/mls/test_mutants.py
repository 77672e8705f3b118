"""Mutation testing of the validations: `tools/mutants.txt` names a test for each, and that test fails without it."""

from __future__ import annotations

import pytest

from tools import mutants

BLOCKS = 25
SAMPLE = 8
"""Every so-many-th part of the record, in `make test`: the same mutants each time."""


def test_every_validation_has_its_test() -> None:
    """A `raise`, a checking call or a condition that is new, or was reworded: `python tools/mutants.py write` names it a test."""
    assert mutants.gaps() == []
    said = mutants.record()
    assert len(said) > 250
    assert not [name for name, verdict in said.items() if "SURVIVES" in verdict]
    reasons = [verdict for verdict in said.values() if verdict.startswith(mutants.EQUIVALENT)]
    assert all(len(reason) > len(mutants.EQUIVALENT) + 20 for reason in reasons)


def test_a_sample_of_them() -> None:
    names = mutants.part(1, len(mutants.record()) // SAMPLE)
    assert len(names) >= SAMPLE
    assert mutants.survivors(names) == []


def test_a_mutant_that_changes_nothing_is_told() -> None:
    """The tool itself: under a mutant that no test can miss, the named test passes, and that is seen."""
    [name] = [name for name in mutants.mutants() if name.startswith("crypto/kem.py _nist.derive raise")]
    tame = mutants.mutants()[name]
    assert not mutants.dies(tame, ["tests/mls/test_parts.py::test_lengths_are_minimal_and_come_back"])


@pytest.mark.long
@pytest.mark.parametrize("block", range(1, BLOCKS + 1))
def test_all_of_them(block: int) -> None:
    names = mutants.part(block, BLOCKS)
    assert names
    assert mutants.survivors(names) == []
    print(f"{len(names)} mutants, none survives")
