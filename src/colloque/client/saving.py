"""Putting a received document on the disk: under a name that is safe there, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import time
import unicodedata
from pathlib import Path
from typing import Final

from colloque.client.ahead import UNFINISHED, Ahead, unfinished
from colloque.store.client.disk import sync_folder
from colloque.store.client.home import Home
from colloque.store.client.messages import Entry
from colloque.wire.codec import WireError
from colloque.wire.content.document import Document

NAME_BYTES: Final = 200
_RESERVED: Final = re.compile(
    r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?", re.IGNORECASE
)
STRAY_S: Final = 3_600
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')


def safe_name(name: str) -> str:
    """A name that stays in its folder and means nothing special, on Linux, macOS and Windows alike."""
    plain = unicodedata.normalize("NFC", name)
    plain = "".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Cc", "Cs", "Co", "Cn"))
    plain = _FORBIDDEN.sub("_", plain).strip().strip(".").strip()
    if not plain or _RESERVED.fullmatch(plain):
        plain = f"document_{plain}".rstrip("_")
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending) > 20:
        stem, dot, ending = plain, "", ""
    while len(f"{stem}{dot}{ending}".encode()) > NAME_BYTES:
        stem = stem[:-1]
    return f"{stem}{dot}{ending}"


def free_path(folder: Path, name: str) -> Path:
    """`name` in `folder`, with a number where something of that name is there already."""
    path, count = folder / name, 1
    while path.exists() or path.is_symlink():
        count += 1
        stem, dot, ending = name.rpartition(".")
        path = folder / (f"{stem} ({count}){dot}{ending}" if dot and stem else f"{name} ({count})")
    return path


def saveable(entry: Entry) -> Document:
    """The document of a message; raises `WireError` where there is none, or it is not here whole."""
    if entry.document is None or entry.state in ("retracted", "damaged", "arriving"):
        raise WireError("there is no file to save in that message")
    return entry.document


def save_document(home: Home, entry: Entry, folder: Path, ahead: Ahead | None = None) -> Path:
    """Where the document was saved; raises `WireError` where it is not here whole. `ahead`: what may lie there already."""
    document = saveable(entry)
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    ready = None if ahead is None else ahead.take((entry.conversation, entry.id), folder)
    made = ready or unfinished(folder)
    try:
        with made.file as file:
            if ready is None:
                home.spool.save(entry.conversation, entry.id, document, file)
            else:
                file.flush()
                os.fsync(file.fileno())
        home.database_step("document written")
        path = _put_in_place(made.path, folder, safe_name(document.name))
        home.database_step("document in place")
    except BaseException:
        made.drop()
        raise
    sync_folder(folder)
    return path


def _put_in_place(temporary: Path, folder: Path, name: str) -> Path:
    """Under a name that is free in that very instant, so that nothing of somebody else's is written over."""
    while True:
        path = free_path(folder, name)
        try:
            if os.name == "nt":
                temporary.rename(path)
                return path
            os.link(temporary, path)
        except FileExistsError:
            continue
        except OSError:
            # A stick, say, whose file system knows no second name for a file.
            os.replace(temporary, path)
            return path
        temporary.unlink()
        return path


def _sweep(folder: Path) -> None:
    """Removes what was left of a document by a stop in the middle of saving it, but not what is just being saved."""
    for stray in folder.glob(f"{UNFINISHED}*"):
        with contextlib.suppress(OSError):
            if stray.stat().st_mtime < time.time() - STRAY_S:
                stray.unlink()
