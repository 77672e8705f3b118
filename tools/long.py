"""The long tests, one at a time; those that passed on this very tree are not run again.

What passed is kept in `.long/`, under a hash of everything that the tests depend on. So Ctrl-C costs the test that was running
and nothing more, and a change of the code starts all of them anew. Arguments choose tests, as pytest's do; `--again` forgets.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / ".long"
DEPENDS_ON = ("src", "tests", "fuzz", "tools", "vectors", "requirements", "pyproject.toml")
_MADE_BY_TOOLS = {"__pycache__", "node_modules"}


def tree_hash(root: Path) -> str:
    """A hash of the names and bytes of all that the tests depend on."""
    total = hashlib.sha256()
    for top in DEPENDS_ON:
        place = root / top
        for path in [place] if place.is_file() else sorted(place.rglob("*")):
            if path.is_file() and not _MADE_BY_TOOLS & set(path.relative_to(root).parts):
                data = path.read_bytes()
                total.update(f"{path.relative_to(root).as_posix()}\0{len(data)}\0".encode() + data)
    return total.hexdigest()[:16]


def pytest(*arguments: str, quiet: bool = False) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "-m", "long", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE if quiet else None, text=True, check=False
    )
    return done.returncode, done.stdout or ""


def main(arguments: list[str]) -> int:
    again = "--again" in arguments
    chosen = [argument for argument in arguments if argument != "--again"]
    code, listed = pytest("--collect-only", *chosen, quiet=True)
    tests = [line for line in listed.splitlines() if "::" in line]
    if code or not tests:
        print(listed, "No test is marked `long`, or they could not be collected.", sep="\n")
        return code or 1
    here = KEPT / tree_hash(ROOT)
    if again:
        shutil.rmtree(here, ignore_errors=True)
    here.mkdir(parents=True, exist_ok=True)
    failed = []
    for number, test in enumerate(tests, 1):
        passed = here / hashlib.sha256(test.encode()).hexdigest()[:32]
        if passed.exists():
            print(f"[{number}/{len(tests)}] passed before: {test}", flush=True)
            continue
        print(f"[{number}/{len(tests)}] {test}", flush=True)
        if pytest("--timeout=0", "-s", test)[0]:
            failed.append(test)
        else:
            passed.write_text(test + "\n", encoding="utf-8")
    print(f"{len(tests) - len(failed)} of {len(tests)} long tests passed", *failed, sep="\n  ")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("\nStopped. `make long` goes on from here.")
        sys.exit(130)
