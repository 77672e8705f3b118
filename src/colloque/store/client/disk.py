"""What makes files outlive a power cut, beside what they hold: their names."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Puts a folder's entries on the disk, where the system can (Windows does so by itself)."""
    with contextlib.suppress(OSError, AttributeError):
        handle = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def forget(handle: int) -> None:
    """Gives the memory back in which the system keeps a synced file, where nobody reads it soon: a large document would push
    out what others need, and new memory costs more than used."""
    advise = getattr(os, "posix_fadvise", None)
    if advise is not None:
        with contextlib.suppress(OSError):
            advise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
