"""A few threads, and never much waiting for them: what they work on stays in memory only that long."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import ParamSpec, Self

P = ParamSpec("P")


class Few:
    """`do` blocks while as many jobs as there are threads are under way; leaving waits for all, and raises what one raised."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads)
        self._jobs: deque[Future[None]] = deque()

    def do(self, job: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
        while len(self._jobs) >= self._threads:
            self._jobs.popleft().result()
        self._jobs.append(self._pool.submit(job, *args, **kwargs))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            while self._jobs and error is None:
                self._jobs.popleft().result()
        finally:
            self._pool.shutdown(wait=True, cancel_futures=True)
