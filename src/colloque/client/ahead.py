"""Documents that are written out while they still come, for whoever said beforehand where they are to be saved.

Only what this very process wrote is taken for the document: after a stop it is written anew, from the spool, and what the stop
left is thrown away by whoever runs the home's engine next.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from colloque.store.client.home import Home

UNFINISHED: Final = ".colloque-"
KEPT: Final = 4
"""How many may lie there whole, and not asked for yet."""

_MARK: Final = 16
_SETTING: Final = "ahead"

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


def unfinished(folder: Path, mark: str = "") -> Unfinished:
    """Readable by nobody else; raises `OSError`. `mark`: whose it is, in its name."""
    handle, name = tempfile.mkstemp(prefix=UNFINISHED + mark, dir=folder)
    return Unfinished(Path(name), os.fdopen(handle, "wb"))


class Ahead:
    """`folder`: where what comes is to be saved, where that is known. The home remembers where that was, and under which mark:
    whoever runs its engine is the only one who writes there so."""

    def __init__(self, home: Home) -> None:
        self.folder: Path | None = None
        self._home = home
        self._mark = ""
        self._coming: dict[Ident, Unfinished] = {}
        self._whole: dict[Ident, Unfinished] = {}

    def begin(self, ident: Ident) -> BinaryIO | None:
        """Where to write the document of that message; None where nobody wants it, or nothing can be written."""
        self.drop(ident)
        if self.folder is None:
            return None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._remember(self.folder.resolve())
            self._coming[ident] = unfinished(self.folder, self._mark)
        except OSError:
            return None
        return self._coming[ident].file

    def _remember(self, folder: Path) -> None:
        before = self._home.setting(_SETTING) or b""
        self._mark = before[:_MARK].decode("ascii") or self._home.random(_MARK // 2).hex()
        value = self._mark.encode("ascii") + os.fsencode(folder)
        if value != before:
            self._home.set_setting(_SETTING, value)

    def sweep(self) -> None:
        """Takes away what an engine that was stopped in the middle left. Only for the one that runs now, as it begins."""
        known = self._home.setting(_SETTING)
        if known is not None:
            mark, folder = known[:_MARK].decode("ascii"), Path(os.fsdecode(known[_MARK:]))
            for stray in folder.glob(f"{UNFINISHED}{mark}*"):
                with contextlib.suppress(OSError):
                    stray.unlink()

    def drop_retracted(self) -> None:
        """What was taken back by its author after it had come whole is not kept for anybody to save."""
        for ident in list(self._whole):
            if self._home.messages.is_retracted(*ident):
                self.drop(ident)

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
