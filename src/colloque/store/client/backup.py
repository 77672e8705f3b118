"""Backups: identity, people, history, queue capabilities and recovery secrets; never ratchets (`spec/sessions.md` S31).

A backup is one SQLCipher file. Its first 16 bytes are the salt under which its passphrase is stretched by Argon2id.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import sqlcipher3.dbapi2 as sqlcipher  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from colloque.store.client.database import Database
from colloque.store.client.disk import sync_folder
from colloque.store.client.vault import Locked

_TABLES: Final = (
    "setting",
    "queue",
    "invitation",
    "conversation",
    "peer",
    "called",
    "message",
    "delivery",
    "writing",
    "contact",
    "seen",
    "errand",
)
_SALT: Final = 16
_MEMORY_KIB, _ITERATIONS, _LANES = 65_536, 3, 4


def _key(passphrase: str, salt: bytes) -> str:
    kdf = Argon2id(salt=salt, length=32, iterations=_ITERATIONS, lanes=_LANES, memory_cost=_MEMORY_KIB)
    return f"\"x'{(kdf.derive(passphrase.encode('utf-8')) + salt).hex()}'\""


def write_backup(database: Database, target: Path, passphrase: str, random: Callable[[int], bytes]) -> None:
    """Whole or not at all: written beside, synced, and put in place. Raises `OSError`; a folder that is not there is not made:
    it may be a disk that is not in."""
    temporary = target.with_name(target.name + ".part")
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(target.parent))
    _clear(temporary)
    os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        _fill(database, temporary, passphrase, random)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
    except BaseException:
        _clear(temporary)
        raise
    database.step("backup written")
    os.replace(temporary, target)
    database.step("backup in place")
    sync_folder(target.parent)


def _clear(temporary: Path) -> None:
    for stale in (temporary, temporary.with_name(temporary.name + "-journal")):
        stale.unlink(missing_ok=True)


def _fill(database: Database, temporary: Path, passphrase: str, random: Callable[[int], bytes]) -> None:
    database.execute(f"ATTACH DATABASE ? AS backup KEY {_key(passphrase, random(_SALT))}", str(temporary))
    try:
        with database.transaction():
            for table in _TABLES:
                database.execute(f"CREATE TABLE backup.{table} AS SELECT * FROM main.{table}")
            database.execute("CREATE TABLE backup.colloque AS SELECT 1 AS version")
    finally:
        database.execute("DETACH DATABASE backup")


def fill_from_backup(database: Database, source: Path, passphrase: str) -> None:
    """Puts what a backup holds into a new database; raises `Locked`. Ratchets are not in it: see `Steps.lose_all`."""
    with source.open("rb") as file:
        salt = file.read(_SALT)
    if len(salt) != _SALT:
        raise Locked("that file is no backup")
    try:
        database.execute(f"ATTACH DATABASE ? AS backup KEY {_key(passphrase, salt)}", str(source))
    except sqlcipher.DatabaseError:
        raise Locked("that is not the passphrase of this backup, or the file is damaged") from None
    try:
        version = database.one("SELECT version FROM backup.colloque")
        if version is None or version[0] != 1:
            raise Locked("this backup is of another version")
        with database.transaction():
            for table in _TABLES:
                database.execute(f"INSERT INTO main.{table} SELECT * FROM backup.{table}")
    except sqlcipher.DatabaseError:
        raise Locked("this backup is damaged: take another one") from None
    finally:
        database.execute("DETACH DATABASE backup")
