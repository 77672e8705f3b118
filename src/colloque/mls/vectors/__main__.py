"""Runs files of official MLS test vectors: `python -m colloque.mls.vectors FILE...`, one JSON line for each.

    {"file": ..., "kind": ..., "passed": n, "failed": n, "skipped": n, "why_skipped": [...]}

The kind of a file is told from its fields. Where cases failed, "failures" names the first of them. What is no file of test
vectors has the kind "unknown", and "error" says why. Exit code 1 where a case failed or a file was none, otherwise 0.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from colloque.mls.vectors.runner import UnknownKind, report, run_file


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__)
        return 0 if arguments else 1
    failed = False
    for name in arguments:
        try:
            done = run_file(Path(name))
        except (OSError, ValueError, RecursionError, UnknownKind) as problem:
            done = report(name, "unknown", error=str(problem) or type(problem).__name__)
        print(json.dumps(done), flush=True)
        failed = failed or bool(done["failed"]) or "error" in done
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
