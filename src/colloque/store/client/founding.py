"""A home is there whole or not at all: its database is made under another name, and put in place with all that belongs in it.

A stop before that leaves files which stand for nothing; the next try throws them away.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from colloque.store.client import vault
from colloque.store.client.backup import COPY
from colloque.store.client.database import DATABASE, Database
from colloque.store.client.disk import sync_folder
from colloque.store.client.vault import Locked
from colloque.store.step import Step

UNFINISHED: Final = "unfinished.db"


class Taken(Locked):
    """There is an identity in that folder already: it is not touched."""


def found(
    folder: Path,
    passphrase: str | None,
    random: Callable[[int], bytes],
    fill: Callable[[Database], None],
    step: Step,
) -> Database:
    """The database of a new home, with what `fill` puts into it. Raises `Taken` where there is a home already, `Locked` where
    its key can be kept nowhere, and what `fill` raises: then there is no home, nor a folder that was made for it."""
    check_free(folder)
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    if made or not any(folder.iterdir()):
        folder.chmod(0o700)
    _clear(folder)
    try:
        key = vault.create(folder, passphrase, random, step)
        database = Database(folder, key, step, UNFINISHED)
        try:
            fill(database)
            # All of it into the one file that is put in place.
            database.execute("PRAGMA journal_mode = DELETE")
        finally:
            database.close()
    except BaseException:
        _clear(folder)
        vault.forget(folder)
        if made:
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise
    step("home filled")
    os.replace(folder / UNFINISHED, folder / DATABASE)
    step("home in place")
    sync_folder(folder)
    return Database(folder, key, step)


def check_free(folder: Path) -> None:
    """Raises `Taken`."""
    if (folder / DATABASE).exists():
        raise Taken(f"there is an identity in {folder} already")


def _clear(folder: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        (folder / (UNFINISHED + ending)).unlink(missing_ok=True)
    (folder / COPY).unlink(missing_ok=True)
