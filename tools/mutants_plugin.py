"""For pytest under `tools/mutants.py`: one module of the room with other source, or which test refused at which line."""

from __future__ import annotations

import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
_ROOM = str(ROOT / "src/colloque/mls") + os.sep


class _Loader(SourceFileLoader):
    def get_code(self, _: str) -> CodeType:
        return compile(os.environ["MUTANT_SOURCE"], self.path, "exec")


class _Finder:
    @staticmethod
    def find_spec(
        fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != os.environ["MUTANT_MODULE"]:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        assert spec is not None
        assert spec.origin is not None
        spec.loader = _Loader(fullname, spec.origin)
        return spec


if "MUTANT_MODULE" in os.environ:
    sys.meta_path.insert(0, _Finder)

_seen: defaultdict[str, set[str]] = defaultdict(set)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    if "MUTANT_TRACE" not in os.environ:
        return (yield)

    def inside(frame: FrameType, event: str, _: Any) -> Any:
        if event == "exception":
            where = Path(frame.f_code.co_filename).relative_to(ROOT).as_posix()
            _seen[f"{where}:{frame.f_lineno}"].add(item.nodeid)
        return inside

    def outside(frame: FrameType, _: str, __: Any) -> Any:
        if not frame.f_code.co_filename.startswith(_ROOM):
            return None
        frame.f_trace_lines = False
        return inside

    sys.settrace(outside)
    try:
        return (yield)
    finally:
        sys.settrace(None)


def pytest_sessionfinish() -> None:
    if "MUTANT_TRACE" in os.environ:
        found = {line: sorted(tests) for line, tests in _seen.items()}
        Path(os.environ["MUTANT_TRACE"]).write_text(json.dumps(found), encoding="utf-8")
