"""Words that do not belong here: paths of one machine, hosts of registries, and promises of work not done."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.meta.tree import ROOT, name, text, written

_HOSTS = ("pypi" + ".org", "pythonhosted" + ".org", "registry.npmjs" + ".org", "registry.npmjs" + ".com")
UNWELCOME = {
    "a path of one machine": re.compile(r"(?<![\w.$}/-])/(work|home|root|Users|mnt|tmp)/\w|[A-Z]:\\Users\b"),
    "a promise": re.compile(
        r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK|WI" + r"P)\b"
        r"|raise Not"
        + r"Implemented|(?i:\bcoming "
        + r"soon\b|\bnot (yet )?"
        + r"implemented\b|\bplace"
        + r"holder\b)"
    ),
    "a registry's host": re.compile("|".join(re.escape(host) for host in _HOSTS)),
    "a mark of a merge": re.compile(r"^(<{7}|>{7}|\|{7}) ", re.MULTILINE),
}
TEXTS = (
    ".py",
    ".md",
    ".toml",
    ".txt",
    ".in",
    ".json",
    ".mjs",
    ".ts",
    ".tsx",
    ".css",
    ".html",
    ".yml",
    ".yaml",
    ".service",
    ".sh",
    "",
)


def unwelcome(words: str) -> dict[str, str]:
    return {kind: found[0] for kind, pattern in UNWELCOME.items() if (found := pattern.search(words))}


def _texts() -> list[Path]:
    return [path for path in written(*TEXTS) if path.name != "LICENSE"]


def test_the_project_says_nothing_it_should_not() -> None:
    found = {name(path): what for path in _texts() if (what := unwelcome(text(path)))}
    assert not found


@pytest.mark.parametrize(
    "words",
    [
        "see /ho" + "me/ann/x",
        "# TO" + "DO: later",
        "raise Not" + "ImplementedError",
        "https://pypi" + ".org/simple",
        "<" * 7 + " ours",
    ],
)
def test_the_rule_sees(words: str) -> None:
    assert unwelcome(words)


def test_texts_end_as_texts_do() -> None:
    for path in _texts():
        if path.stat().st_size:
            words = path.read_bytes()
            assert b"\r" not in words, name(path)
            assert words.endswith(b"\n"), name(path)


def test_the_makefile_names_what_is_there() -> None:
    named = set(
        re.findall(r"\b((?:tools|bench|fuzz|requirements)/\w+\.(?:py|txt))\b", text(ROOT / "Makefile"))
    )
    assert named
    assert not sorted(path for path in named if not (ROOT / path).exists())
