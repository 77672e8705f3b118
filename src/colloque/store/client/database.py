"""One home's database: SQLCipher, one writer at a time, every commit on the disk before it is told."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import complete_statement
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher  # type: ignore[import-untyped]

from colloque.store.client.schema import MIGRATIONS
from colloque.store.client.vault import DatabaseKey, Locked
from colloque.store.client.words import words_of
from colloque.store.step import Step, no_step

DATABASE = "colloque.db"
DatabaseError: type[Exception] = sqlcipher.Error
QUIET = "PRAGMA cipher_log_level = NONE"
"""SQLCipher writes to standard error by itself what is told here by an error."""
_BUSY_MS = 30_000


class Database:
    """`with database.transaction():` is all or nothing; `execute` outside it reads."""

    def __init__(self, home: Path, key: DatabaseKey, step: Step = no_step, name: str = DATABASE) -> None:
        self.step = step
        self._depth = 0
        self.on_rollback: list[Callable[[], None]] = []
        """Called where something was undone: what was remembered of it is wrong."""
        path = home / name
        if not path.exists():
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        self._db = sqlcipher.connect(str(path), isolation_level=None, timeout=_BUSY_MS / 1000)
        self._db.execute(QUIET)
        self._db.execute(f"PRAGMA key = {key.pragma()}")
        try:
            self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlcipher.DatabaseError:
            self._db.close()
            raise Locked("the database does not open with this home's key") from None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.create_function("words_of", 1, words_of, deterministic=True)
        self._migrate()

    def _migrate(self) -> None:
        with self.transaction():
            version = int(self._db.execute("PRAGMA user_version").fetchone()[0])
            if version > len(MIGRATIONS):
                raise Locked("this home was written by a newer version of Colloque")
            for number, script in enumerate(MIGRATIONS[version:], version + 1):
                for statement in _statements(script):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {number}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Takes the write lock at once, so that what is read inside is still true when it is written. One inside another
        is a savepoint: it can fail alone."""
        if self._depth:
            yield from self._savepoint()
            return
        self._db.execute("BEGIN IMMEDIATE")
        self._depth = 1
        try:
            yield
            self.step("before commit")
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            self._rolled_back()
            raise
        finally:
            self._depth = 0
        self.step("after commit")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that is read inside is of one moment; others may write meanwhile. Not inside a transaction."""
        self._db.execute("BEGIN")
        try:
            yield
            self._db.execute("COMMIT")
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def _savepoint(self) -> Iterator[None]:
        self._depth += 1
        name = f"level_{self._depth}"
        self._db.execute(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            if self._db.in_transaction:
                self._db.execute(f"ROLLBACK TO {name}")
            self._rolled_back()
            raise
        finally:
            if self._db.in_transaction:
                self._db.execute(f"RELEASE {name}")
            self._depth -= 1

    def _rolled_back(self) -> None:
        for forget in self.on_rollback:
            forget()

    def execute(self, sql: str, *values: Any) -> Any:
        return self._db.execute(sql, values)

    def one(self, sql: str, *values: Any) -> Any:
        """The first row, or None."""
        return self._db.execute(sql, values).fetchone()

    def all(self, sql: str, *values: Any) -> list[Any]:
        return list(self._db.execute(sql, values).fetchall())

    def changes(self) -> int:
        """A number that grows with every row that this connection has written."""
        return int(self._db.total_changes)

    def version(self) -> int:
        """A number that changes whenever another connection has written."""
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        self._db.close()


def _statements(script: str) -> Iterator[str]:
    """A trigger has semicolons within it: SQLite itself tells where a statement ends."""
    statement = ""
    for line in script.splitlines():
        if not line.strip().startswith("--"):
            statement += line + "\n"
        if complete_statement(statement):
            yield statement
            statement = ""
