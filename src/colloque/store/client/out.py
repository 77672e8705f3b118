"""Writing a large file, with the disk at work beside it, and not all of it at the end."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import BinaryIO, Final, Self

SYNC_BYTES: Final = 16 << 20


class Out:
    """What is written goes to the disk in a thread of its own, piece by piece; the end of it is left to whoever has the file.

    One call at a time. What the disk refuses is raised by a later call as `OSError`.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._unsynced = 0
        self._thread = ThreadPoolExecutor(1)
        self._syncing: Future[None] | None = None

    def write(self, piece: memoryview) -> None:
        self._file.write(piece)
        self._unsynced += len(piece)
        if self._unsynced >= SYNC_BYTES and (self._syncing is None or self._syncing.done()):
            self._unsynced = 0
            self._settle()
            self._file.flush()
            self._syncing = self._thread.submit(os.fsync, self._file.fileno())

    def close(self) -> None:
        """Waits for the thread; the file stays open."""
        self._thread.shutdown(wait=True)
        self._settle()

    def _settle(self) -> None:
        done, self._syncing = self._syncing, None
        if done is not None:
            done.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(wait=True)
        if error is None:
            self._settle()
