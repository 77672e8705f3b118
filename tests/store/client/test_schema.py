"""A home that any earlier version made can be opened: what it ran is never changed, only added to."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from colloque.store.client import database as databases
from colloque.store.client.database import Database
from colloque.store.client.schema import MIGRATIONS
from colloque.store.client.vault import DatabaseKey

RUN_SOMEWHERE = (
    "24875adda91d1a20",
    "90f43f986e45b04a",
    "2003334e3117cb40",
    "ad132dd853563fcc",
    "b980b96dbb37b03c",
)
"""Begins of the SHA-256 of each; a new migration adds one here."""


def test_what_a_home_may_have_run_is_not_changed() -> None:
    assert tuple(hashlib.sha256(script.encode()).hexdigest()[:16] for script in MIGRATIONS) == RUN_SOMEWHERE


def test_a_home_of_the_first_version_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = DatabaseKey(os.urandom(32))
    monkeypatch.setattr(databases, "MIGRATIONS", MIGRATIONS[:1])
    old = Database(tmp_path, key)
    old.execute(
        "INSERT INTO conversation VALUES (x'01', 'bruno', 'Bruno', 1, 'open', x'', x'', x'', x'', 1, 1, 1, x'', 0, 0, NULL, 1)"
    )
    old.execute("INSERT INTO peer VALUES (x'01', 0, x'02', 'Dr Bruno', '', '', NULL, NULL, 0)")
    for payload in (1, 2):
        old.execute("INSERT INTO payload VALUES (?, 1, x'03')", payload)
    old.execute("INSERT INTO outgoing VALUES (1, x'01', x'02', 'r', x'', x'', 1, x'', 0, NULL, 0, 0, 0)")
    old.close()
    monkeypatch.setattr(databases, "MIGRATIONS", MIGRATIONS)
    new = Database(tmp_path, key)
    assert new.all("SELECT short, personal FROM conversation") == [("bruno", 0)]
    assert new.all("SELECT name FROM called") == [("Dr Bruno",)]
    assert new.all("SELECT begun, until FROM outgoing") == [(0, None)]
    assert new.all("SELECT id FROM payload") == [(1,)], "what nothing needs any more is gone"
    new.close()
