"""Backups: identity, people, history, queue capabilities and recovery secrets; never ratchets (`spec/sessions.md` S31).

A backup is a head of 152 bytes and one SQLCipher file. Its key is drawn at random; the head holds it sealed under the
passphrase, stretched by Argon2id, and under the recovery sheet (S38): either one opens it.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

import sqlcipher3.dbapi2 as sqlcipher  # type: ignore[import-untyped]
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from colloque.store.client.database import Database
from colloque.store.client.disk import sync_folder
from colloque.store.client.sheet import SEALED_BYTES, RecoveryKey
from colloque.store.client.stretch import stretch
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
    "newcomer",
    "report",
    "report_draft",
)
_ADDED: Final = frozenset(("report", "report_draft"))
"""What backups of the first version did not have."""
_MAGIC: Final = b"colloque backup\x02"
_SALT: Final = 16
_HEAD: Final = len(_MAGIC) + _SALT + 2 * SEALED_BYTES
_PURPOSE: Final = b"colloque 1 backup key"
_MEMORY_KIB, _ITERATIONS, _LANES = 65_536, 3, 4
COPY: Final = "unfinished.backup"

Secret = str | RecoveryKey
"""What opens a backup: its passphrase, or the recovery sheet."""


def _stretched(passphrase: str, salt: bytes) -> bytes:
    return stretch(passphrase, salt, _MEMORY_KIB, _ITERATIONS, _LANES)


def _raw(key: bytes) -> str:
    return f"\"x'{key.hex()}'\""


def write_backup(
    database: Database,
    target: Path,
    passphrase: str | None,
    sheet: RecoveryKey | None,
    random: Callable[[int], bytes],
) -> None:
    """Whole or not at all: written beside, synced, and put in place. Raises `OSError`; a folder that is not there is not made:
    it may be a disk that is not in."""
    if passphrase is None and sheet is None:
        raise Locked("a backup wants a passphrase, or a recovery sheet")
    temporary = target.with_name(target.name + ".part")
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(target.parent))
    _clear(temporary)
    key, filled = random(32), _filled(temporary)
    for path in (temporary, filled):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        _fill(database, filled, key)
        with temporary.open("rb+") as file, filled.open("rb") as inner:
            file.write(_head(key, passphrase, sheet, random))
            shutil.copyfileobj(inner, file, 1 << 20)
            file.flush()
            os.fsync(file.fileno())
        filled.unlink()
    except BaseException:
        _clear(temporary)
        raise
    database.step("backup written")
    os.replace(temporary, target)
    database.step("backup in place")
    sync_folder(target.parent)


def _filled(temporary: Path) -> Path:
    return temporary.with_name(temporary.name + ".db")


def _clear(temporary: Path) -> None:
    filled = _filled(temporary)
    for stale in (temporary, filled, filled.with_name(filled.name + "-journal")):
        stale.unlink(missing_ok=True)


def _head(
    key: bytes, passphrase: str | None, sheet: RecoveryKey | None, random: Callable[[int], bytes]
) -> bytes:
    """`magic[16] ‖ salt[16] ‖ key under the passphrase[60] ‖ key under the sheet[60]`; what is not given is random."""
    salt = random(_SALT)
    by_words, by_sheet = random(SEALED_BYTES), random(SEALED_BYTES)
    if passphrase is not None:
        nonce = random(12)
        by_words = nonce + AESGCM(_stretched(passphrase, salt)).encrypt(nonce, key, _PURPOSE)
    if sheet is not None:
        by_sheet = sheet.seal(key, _PURPOSE, random)
    return _MAGIC + salt + by_words + by_sheet


def _fill(database: Database, filled: Path, key: bytes) -> None:
    database.execute(f"ATTACH DATABASE ? AS backup KEY {_raw(key)}", str(filled))
    try:
        # Of one moment, and nobody who writes here meanwhile has to wait.
        with database.snapshot():
            for table in _TABLES:
                database.execute(f"CREATE TABLE backup.{table} AS SELECT * FROM main.{table}")
            database.execute("CREATE TABLE backup.colloque AS SELECT 1 AS version")
    finally:
        database.execute("DETACH DATABASE backup")


def fill_from_backup(database: Database, source: Path, secret: Secret, folder: Path) -> None:
    """Puts what a backup holds into a new database; raises `Locked`. Ratchets are not in it: see `Steps.lose_all`.
    `folder`: where the encrypted part lies meanwhile, without its head."""
    copy = folder / COPY
    try:
        with source.open("rb") as file:
            key = _key(file, secret)
            with os.fdopen(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
                shutil.copyfileobj(file, out, 1 << 20)
        _take(database, copy, key)
    finally:
        copy.unlink(missing_ok=True)


def _key(file: BinaryIO, secret: Secret) -> bytes:
    """The backup's key; the file stands behind its head then."""
    head = file.read(_HEAD)
    if len(head) != _HEAD or not head.startswith(_MAGIC):
        raise Locked("that file is no backup")
    at = len(_MAGIC) + _SALT
    salt, by_words = head[len(_MAGIC) : at], head[at : at + SEALED_BYTES]
    if isinstance(secret, RecoveryKey):
        return secret.open(head[at + SEALED_BYTES :], _PURPOSE)
    try:
        return AESGCM(_stretched(secret, salt)).decrypt(by_words[:12], by_words[12:], _PURPOSE)
    except InvalidTag:
        raise Locked("that is not the passphrase of this backup, or the file is damaged") from None


def _take(database: Database, copy: Path, key: bytes) -> None:
    try:
        database.execute(f"ATTACH DATABASE ? AS backup KEY {_raw(key)}", str(copy))
    except sqlcipher.DatabaseError:
        raise Locked("this backup is damaged: take another one") from None
    try:
        version = database.one("SELECT version FROM backup.colloque")
        if version is None or version[0] != 1:
            raise Locked("this backup is of another version")
        with database.transaction():
            # An older backup has fewer tables.
            there = {name for (name,) in database.all("SELECT name FROM backup.sqlite_master")}
            for table in _TABLES:
                if table in there or table not in _ADDED:
                    database.execute(f"INSERT INTO main.{table} SELECT * FROM backup.{table}")
    except sqlcipher.DatabaseError:
        raise Locked("this backup is damaged: take another one") from None
    finally:
        database.execute("DETACH DATABASE backup")
