"""Room set aside, so that deleting goes on where the disk is full: it writes to the log first (`spec/relay.md` R23)."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

from colloque.store.step import Step, no_step

RESERVE_BYTES: Final = 8 << 20
_NAME: Final = "reserve"


class Reserve:
    """A file of zeros. Taken again, without fail and without a word, once there is room."""

    def __init__(self, folder: Path, step: Step = no_step) -> None:
        self._path = folder / _NAME
        self._step = step

    def hold(self) -> None:
        with contextlib.suppress(OSError):
            if self._path.exists() and self._path.stat().st_size == RESERVE_BYTES:
                return
            space = os.statvfs(self._path.parent)
            if space.f_bavail * space.f_frsize < 3 * RESERVE_BYTES:
                return
            with self._path.open("wb") as file:
                self._step("reserve begun")
                os.posix_fallocate(file.fileno(), 0, RESERVE_BYTES)

    def release(self) -> None:
        self._path.unlink(missing_ok=True)
