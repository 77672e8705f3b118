"""Runs files of official MLS test vectors: `python -m colloque.mls.vectors FILE...`, one JSON line for each.

The kind of a file is told from its fields. Exit code 1 where a case failed, 2 where a file is none of the known kinds.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from colloque.mls.vectors.runner import UnknownKind, run_file


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__)
        return 0 if arguments else 2
    worst = 0
    for name in arguments:
        try:
            report = run_file(Path(name))
        except (OSError, ValueError, UnknownKind) as problem:
            print(f"{name}: {problem}", file=sys.stderr)
            worst = 2
            continue
        print(json.dumps(report), flush=True)
        if report["failed"]:
            worst = max(worst, 1)
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
