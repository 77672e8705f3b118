"""Coverage-guided fuzzing of all targets with atheris: inputs that reach new lines of the room are kept, and mutated further.

    python -m fuzz.guided --runs 50000 --seed 7 --corpus FOLDER

The first byte chooses the target. An input that takes more than ten seconds, or a process of more than 2 GiB, is a failure
too. What fails is printed, and left in the corpus folder; `--one FILE` tries it again (keys are drawn anew in each process).
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fuzz.target import Target

ROOT = Path(__file__).resolve().parents[1]
SECONDS_AN_INPUT, MEGABYTES, LONGEST = 10, 2_048, 16_384


def absent() -> str | None:
    """Why it cannot run here, or None."""
    if importlib.util.find_spec("atheris") is None:
        return "coverage-guided fuzzing NOT done: atheris has no wheel for this system or Python"
    return None


def block(runs: int, seed: int, corpus: Path, targets: str = "all") -> str:
    """A process that tries `runs` inputs; its last word. Raises `AssertionError` with what was found."""
    command = [sys.executable, "-m", "fuzz.guided", f"--runs={runs}", f"--seed={seed}"]
    done = subprocess.run(
        [*command, f"--corpus={corpus}", f"--targets={targets}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    words = done.stdout + done.stderr
    told = "\n".join(line for line in words.splitlines() if not line.startswith(("INFO", "WARNING")))
    assert done.returncode == 0, told[:6_000]
    [last] = [line for line in words.splitlines() if line.startswith(f"Done {runs} in ")]
    return last


def _fuzz(arguments: argparse.Namespace) -> None:
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["colloque.mls", "colloque.wire"]):
        targets = importlib.import_module("fuzz.targets")
    from fuzz.run import mutate

    chosen: tuple[Target, ...] = targets.TARGETS if arguments.targets == "all" else targets.MLS
    source = random.Random(arguments.seed)

    def one(data: bytes) -> None:
        if data:
            chosen[data[0] % len(chosen)].check(data[1:])

    def changed(data: bytes, longest: int, _seed: int) -> bytes:
        """Half as libFuzzer does, half as a person would: a few bytes put in, taken out or turned; or a fresh seed."""
        if not data or source.random() < 0.1:
            at = source.randrange(len(chosen))
            return bytes([at]) + mutate(source, source.choice(chosen[at].seeds or (b"",)))[: longest - 1]
        if source.random() < 0.5:
            return data[:1] + mutate(source, data[1:])[: longest - 1]
        made: bytes = atheris.Mutate(data, longest)
        return made

    if arguments.one:
        one(Path(arguments.one).read_bytes())
        return
    corpus = Path(arguments.corpus)
    corpus.mkdir(parents=True, exist_ok=True)
    for at, target in enumerate(chosen):
        for number, known in enumerate(target.seeds):
            (corpus / f"seed-{at}-{number}").write_bytes(bytes([at]) + known)
    options = {
        "atheris_runs": arguments.runs,
        "seed": arguments.seed,
        "max_len": LONGEST,
        "timeout": SECONDS_AN_INPUT,
        "rss_limit_mb": MEGABYTES,
        "len_control": 0,
        "verbosity": 0,
    }
    words = [f"-{name}={value}" for name, value in options.items()]
    atheris.Setup(
        ["fuzz", *words, f"-artifact_prefix={corpus}/failed-", str(corpus)], one, custom_mutator=changed
    )
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", default=str(ROOT / ".long" / "corpus"))
    parser.add_argument("--targets", choices=["all", "mls"], default="all")
    parser.add_argument("--one")
    reason = absent()
    if reason is not None:
        print(reason)
        return 1
    _fuzz(parser.parse_args())
    return 0


if __name__ == "__main__":
    sys.exit(main())
