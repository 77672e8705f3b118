"""Documents that are written out while they still come, for whoever said beforehand where they are to be saved.

Only what this very process wrote is taken for the document: after a stop it is written anew, from the spool.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

UNFINISHED: Final = ".colloque-"
KEPT: Final = 4
"""How many may lie there whole, and not asked for yet."""

Ident = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A file without its name yet, in the folder that it is for."""

    path: Path
    file: BinaryIO

    def drop(self) -> None:
        with contextlib.suppress(OSError):
            self.file.close()
        self.path.unlink(missing_ok=True)


def unfinished(folder: Path) -> Unfinished:
    """Readable by nobody else; raises `OSError`."""
    handle, name = tempfile.mkstemp(prefix=UNFINISHED, dir=folder)
    return Unfinished(Path(name), os.fdopen(handle, "wb"))


class Ahead:
    """`folder`: where what comes is to be saved, where that is known."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        self._coming: dict[Ident, Unfinished] = {}
        self._whole: dict[Ident, Unfinished] = {}

    def begin(self, ident: Ident) -> BinaryIO | None:
        """Where to write the document of that message; None where nobody wants it, or nothing can be written."""
        self.drop(ident)
        if self.folder is None:
            return None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._coming[ident] = unfinished(self.folder)
        except OSError:
            return None
        return self._coming[ident].file

    def whole(self, ident: Ident) -> None:
        """Every byte of it was written, and the hash was right."""
        if ident in self._coming:
            self._whole[ident] = self._coming.pop(ident)
        while len(self._whole) > KEPT:
            self.drop(next(iter(self._whole)))

    def take(self, ident: Ident, folder: Path) -> Unfinished | None:
        """The whole document, if it lies ready in that folder and is still the file that was written."""
        found = self._whole.pop(ident, None)
        if found is None:
            return None
        try:
            same = os.path.samestat(os.fstat(found.file.fileno()), found.path.lstat())
            if same and found.path.parent.samefile(folder):
                return found
        except OSError:
            pass
        found.drop()
        return None

    def drop(self, ident: Ident) -> None:
        for found in (self._coming.pop(ident, None), self._whole.pop(ident, None)):
            if found is not None:
                found.drop()

    def close(self) -> None:
        for ident in [*self._coming, *self._whole]:
            self.drop(ident)
