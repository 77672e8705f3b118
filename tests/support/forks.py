"""Processes that start at once: one that has imported everything already forks a new one for each run.

As a program: `python -m tests.support.forks MODULE` imports MODULE, then calls its `main(*arguments)` in a child for each
line of standard input (a JSON list). It writes `begun PID` and, after it, `ended CODE`: the exit code, or less than 0 the
signal's number.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import os
import signal
import sys
import traceback
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tests.support.faults import Point

ROOT = Path(__file__).resolve().parents[2]


class Forks:
    """One child at a time."""

    def __init__(self, process: asyncio.subprocess.Process, errors: Path) -> None:
        self._process = process
        self._errors = errors
        self._killed: Point | None = None
        self._code: int | None = None
        self._child: int | None = None

    @classmethod
    @contextlib.asynccontextmanager
    async def of(cls, module: str, errors: Path) -> AsyncIterator[Forks]:
        """`errors`: the file for what the children say to standard error."""
        with errors.open("ab") as file:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.support.forks", module),
                cwd=ROOT,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=file,
                start_new_session=True,
            )
        try:
            yield cls(process, errors)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    def begin(self, *arguments: Any) -> None:
        assert self._process.stdin is not None
        self._killed = self._code = None
        self._process.stdin.write(json.dumps(arguments).encode() + b"\n")

    def terminate(self) -> None:
        """SIGTERM to the child."""
        if self._child is not None and self._code is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._child, signal.SIGTERM)

    async def ready(self) -> list[str] | None:
        """The words after `ready` that the child writes; None where it ended before: `end` says how."""
        while self._code is None:
            word, rest = await self._next()
            if word == "ready":
                return rest.split()
        return None

    async def end(self) -> Point | None:
        """Where the child was killed; None where it came to its end. Anything else fails."""
        while self._code is None:
            await self._next()
        expected = 0 if self._killed is None else -signal.SIGKILL
        assert self._code == expected, self._errors.read_text()
        return self._killed

    async def _next(self) -> tuple[str, str]:
        assert self._process.stdout is not None
        word, _, rest = (await self._process.stdout.readline()).decode().rstrip("\n").partition(" ")
        assert word, self._errors.read_text()
        if word == "killed":
            count, _, name = rest.partition(" ")
            self._killed = name, int(count)
        elif word == "begun":
            self._child = int(rest)
        elif word == "ended":
            self._code = int(rest)
        return word, rest

    async def run(self, *arguments: Any) -> Point | None:
        self.begin(*arguments)
        return await self.end()


def _serve(module: str) -> None:
    main = importlib.import_module(module).main
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                print("begun", os.getpid(), flush=True)
                main(*json.loads(line))
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print("ended", status, flush=True)


if __name__ == "__main__":
    _serve(sys.argv[1])
