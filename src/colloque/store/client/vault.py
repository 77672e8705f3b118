"""The key of the database: drawn at random, and kept wrapped under a passphrase or in the system's keyring.

`key.json` beside the database says which. Changing the passphrase wraps the same key anew; the database is not rewritten.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keyring
import keyring.errors
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from colloque.store.client.disk import sync_folder
from colloque.store.client.stretch import stretch
from colloque.store.step import Step, no_step

KEY_FILE = "key.json"
_AAD = b"colloque 1 database key"
_MEMORY_KIB, _ITERATIONS, _LANES = 65_536, 3, 4
_MEMORY_LIMIT, _ITERATION_LIMIT, _LANE_LIMIT = 1 << 21, 64, 64
_SERVICE = "colloque"


class Locked(Exception):
    """The database cannot be opened: no passphrase, or not the right one."""


@dataclass(frozen=True, slots=True)
class DatabaseKey:
    """32 bytes for SQLCipher, as a raw key."""

    raw: bytes = field(repr=False)

    def pragma(self) -> str:
        return f"\"x'{self.raw.hex()}'\""


def _write(path: Path, document: dict[str, Any], step: Step) -> None:
    """Whole or not at all: written beside, synced, and put in place."""
    temporary = path.with_suffix(".tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with os.fdopen(os.open(temporary, flags, 0o600), "w", encoding="utf-8") as file:
        json.dump(document, file)
        file.flush()
        os.fsync(file.fileno())
    step("key written")
    os.replace(temporary, path)
    step("key in place")
    sync_folder(path.parent)


def wrap(
    home: Path, key: DatabaseKey, passphrase: str, random: Callable[[int], bytes], step: Step = no_step
) -> None:
    """Puts `key` under a passphrase."""
    salt, nonce = random(16), random(12)
    wrapping = stretch(passphrase, salt, _MEMORY_KIB, _ITERATIONS, _LANES)
    wrapped = AESGCM(wrapping).encrypt(nonce, key.raw, _AAD)
    text = base64.b64encode(nonce + wrapped).decode("ascii")
    parameters = {"memory_kib": _MEMORY_KIB, "iterations": _ITERATIONS, "lanes": _LANES}
    document = {
        "version": 1,
        "kdf": "argon2id",
        "salt": base64.b64encode(salt).decode("ascii"),
        "wrapped": text,
    }
    _write(home / KEY_FILE, document | parameters | _sheet_of(home), step)


def add_sheet(home: Path, sealed: bytes, step: Step = no_step) -> None:
    """Keeps the database's key beside its wrapping, sealed under the recovery sheet."""
    text = base64.b64encode(sealed).decode("ascii")
    _write(home / KEY_FILE, _document(home) | {"sheet": text}, step)


def by_sheet(home: Path) -> bytes:
    """The database's key as the recovery sheet sealed it; raises `Locked` where this home has no sheet."""
    try:
        return base64.b64decode(_sheet_of(home)["sheet"])
    except (KeyError, TypeError, ValueError):
        raise Locked("this home has no recovery sheet") from None


def _sheet_of(home: Path) -> dict[str, Any]:
    try:
        document = _document(home)
    except Locked:
        return {}
    return {name: value for name, value in document.items() if name == "sheet"}


def create(
    home: Path, passphrase: str | None, random: Callable[[int], bytes], step: Step = no_step
) -> DatabaseKey:
    """A new key for a new home. Without a passphrase it goes into the system's keyring; `Locked` where there is none."""
    key = DatabaseKey(random(32))
    if passphrase is not None:
        wrap(home, key, passphrase, random, step)
        return key
    entry = random(8).hex()
    try:
        keyring.set_password(_SERVICE, entry, key.raw.hex())
        stored = keyring.get_password(_SERVICE, entry)
    except keyring.errors.KeyringError:
        stored = None
    if stored != key.raw.hex():
        raise Locked("this system has no keyring: give a passphrase (COLLOQUE_PASSPHRASE, or at the prompt)")
    _write(home / KEY_FILE, {"version": 1, "keyring": entry}, step)
    return key


def forget(home: Path) -> None:
    """Takes the key of a home that was never made away again."""
    try:
        entry = _document(home).get("keyring")
        if entry is not None:
            keyring.delete_password(_SERVICE, str(entry))
    except (Locked, keyring.errors.KeyringError):
        pass
    (home / KEY_FILE).unlink(missing_ok=True)


def wants_passphrase(home: Path) -> bool:
    return "keyring" not in _document(home)


def _document(home: Path) -> dict[str, Any]:
    try:
        document = json.loads((home / KEY_FILE).read_text("utf-8"))
    except FileNotFoundError:
        raise Locked(f"there is no identity in {home}: make one with `colloque init`") from None
    except (ValueError, OSError):
        raise Locked("the key file cannot be read: restore a backup") from None
    if not isinstance(document, dict) or document.get("version") != 1:
        raise Locked("the key file is of another version")
    return document


def unlock(home: Path, passphrase: str | None) -> DatabaseKey:
    """The database's key; raises `Locked`."""
    document = _document(home)
    try:
        if "keyring" in document:
            stored = keyring.get_password(_SERVICE, str(document["keyring"]))
            if stored is None:
                raise Locked("the system's keyring does not hold this home's key")
            return DatabaseKey(bytes.fromhex(stored))
        if passphrase is None:
            raise Locked("this home is locked: give its passphrase (COLLOQUE_PASSPHRASE, or at the prompt)")
        salt, wrapped = base64.b64decode(document["salt"]), base64.b64decode(document["wrapped"])
        memory, iterations, lanes = (int(document[name]) for name in ("memory_kib", "iterations", "lanes"))
        if not (memory <= _MEMORY_LIMIT and iterations <= _ITERATION_LIMIT and lanes <= _LANE_LIMIT):
            raise Locked("the key file asks for more work than is reasonable")
        wrapping = stretch(passphrase, salt, memory, iterations, lanes)
        return DatabaseKey(AESGCM(wrapping).decrypt(wrapped[:12], wrapped[12:], _AAD))
    except InvalidTag:
        raise Locked("that is not the passphrase of this home") from None
    except (KeyError, TypeError, ValueError, OverflowError, keyring.errors.KeyringError):
        raise Locked("the key file cannot be read: restore a backup") from None
