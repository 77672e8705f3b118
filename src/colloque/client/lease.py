"""Who runs the engine of a home: one program at a time, until it ends, however it ends."""

from __future__ import annotations

from pathlib import Path

import filelock


class Lease:
    """The system lets go of it when the program that holds it dies."""

    def __init__(self, home: Path) -> None:
        self._lock = filelock.FileLock(home / "engine.lock", thread_local=False)

    def take(self) -> bool:
        try:
            self._lock.acquire(timeout=0)
        except filelock.Timeout:
            return False
        return True

    def release(self) -> None:
        self._lock.release()
