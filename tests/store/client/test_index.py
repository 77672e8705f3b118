"""Homes of before the index get one (`spec/sessions.md` S39)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from colloque.store.client import database as databases
from colloque.store.client.database import Database
from colloque.store.client.schema import MIGRATIONS
from colloque.store.client.vault import DatabaseKey
from colloque.store.client.words import words_of
from colloque.wire.content.content import Content
from colloque.wire.content.receipt import Retraction
from colloque.wire.content.text import Text

INSERT = (
    "INSERT INTO message (id, conversation, author, kind, number, body, sent_at, came_at, state, shown)"
    " VALUES (?, x'00', NULL, 'text', 1, ?, 0, 0, 'accepted', 2)"
)


def found(database: Database, word: str) -> list[int]:
    return [n for (n,) in database.all("SELECT rowid FROM found WHERE found MATCH ?", word)]


def test_an_older_home_is_indexed_when_it_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = DatabaseKey(os.urandom(32))
    monkeypatch.setattr(databases, "MIGRATIONS", MIGRATIONS[:1])
    old = Database(tmp_path, key)
    old.execute(INSERT, bytes(16), Content(bytes(16), 1, 0, Text("une ancienne lettre")).encode())
    old.close()
    monkeypatch.setattr(databases, "MIGRATIONS", MIGRATIONS)
    new = Database(tmp_path, key)
    assert found(new, "ancienne") == [1]
    new.execute("DELETE FROM message")
    assert found(new, "ancienne") == []
    new.close()


def test_an_index_that_is_rolled_back_is_not_ahead_of_its_messages(tmp_path: Path) -> None:
    database = Database(tmp_path, DatabaseKey(os.urandom(32)))
    with pytest.raises(ZeroDivisionError), database.transaction():
        database.execute(INSERT, bytes(16), Content(bytes(16), 1, 0, Text("jamais")).encode())
        assert found(database, "jamais") == [1]
        _ = 1 // 0
    assert found(database, "jamais") == []
    database.close()


def test_what_has_no_words_gives_none() -> None:
    assert words_of(Content(bytes(16), 1, 0, Retraction(bytes(16))).encode()) == ""
    for junk in (b"", b"\x00", os.urandom(100)):
        assert words_of(junk) == ""
