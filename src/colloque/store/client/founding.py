"""A home is there whole or not at all: its database is made under another name, and put in place with all that belongs in it.

A stop before that leaves files which stand for nothing; the next try throws them away.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from colloque.store.client import vault
from colloque.store.client.database import DATABASE, Database
from colloque.store.client.disk import sync_folder
from colloque.store.client.vault import Locked
from colloque.store.step import Step

UNFINISHED: Final = "unfinished.db"


def found(
    folder: Path,
    passphrase: str | None,
    random: Callable[[int], bytes],
    fill: Callable[[Database], None],
    step: Step,
) -> Database:
    """The database of a new home, with what `fill` puts into it. Raises `Locked` where there is a home already, or where its
    key can be kept nowhere, and what `fill` raises: then there is no home."""
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / DATABASE).exists():
        raise Locked(f"there is an identity in {folder} already")
    _clear(folder)
    key = vault.create(folder, passphrase, random, step)
    try:
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
        raise
    step("home filled")
    os.replace(folder / UNFINISHED, folder / DATABASE)
    step("home in place")
    sync_folder(folder)
    return Database(folder, key, step)


def _clear(folder: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        (folder / (UNFINISHED + ending)).unlink(missing_ok=True)
