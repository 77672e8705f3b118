"""What one program at a time does for a home, until it ends, however it ends: run its engine, show what came."""

from __future__ import annotations

from pathlib import Path

import filelock


class Lease:
    """The system lets go of it when the program that holds it dies."""

    def __init__(self, home: Path, name: str) -> None:
        self._lock = filelock.FileLock(home / f"{name}.lock", thread_local=False)

    def take(self) -> bool:
        """Whether it is held now; to take what one holds already changes nothing."""
        if self._lock.is_locked:
            return True
        try:
            self._lock.acquire(timeout=0)
        except filelock.Timeout:
            return False
        return True

    def release(self) -> None:
        self._lock.release()
