"""`vectors/mls-83/`: what is kept there passes, says what its generator says, and is of every kind."""

from __future__ import annotations

import json

import pytest

from colloque.mls.api import SUPPORTED, suite
from colloque.mls.vectors.runner import run_file
from tools.mls_vectors.__main__ import DETERMINISTIC, FILES, FOLDER, cases, text
from tools.mls_vectors.passive import walks
from tools.mls_vectors.seed import Seed


def test_the_folder_holds_what_is_generated() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_kept_vectors_pass(name: str) -> None:
    report = run_file(FOLDER / f"{name}.json")
    assert (report["failed"], report["skipped"]) == (0, 0), report
    assert report["passed"] > 0


@pytest.mark.parametrize("name", DETERMINISTIC)
def test_the_generator_gives_the_same(name: str) -> None:
    assert text(cases(name)) == (FOLDER / f"{name}.json").read_text("utf-8")


@pytest.mark.parametrize("name", [name for name in FILES if name not in DETERMINISTIC])
def test_the_generator_keeps_the_form(name: str) -> None:
    made, kept = cases(name), json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    assert [sorted(case) for case in made] == [sorted(case) for case in kept]


@pytest.mark.parametrize("number", SUPPORTED)
def test_clients_follow_walks_in_every_suite(number: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Any mix of proposals by value and by reference, external commits, resyncs, resumption keys, a reinit at the end."""
    folder = tmp_path_factory.mktemp("walks")
    for seed in range(2):
        path = folder / f"{seed}.json"
        path.write_text(text(walks(suite(number), Seed(f"{number}, {seed}"))))
        report = run_file(path)
        assert (report["kind"], report["passed"], report["failed"]) == ("passive-client", 2, 0), report
