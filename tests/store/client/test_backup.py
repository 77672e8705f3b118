"""Backups come back whole, or not at all (`spec/sessions.md` S31)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from colloque.protocol.session.model import Phase
from colloque.store.client import backup, vault
from colloque.store.client.database import Database
from colloque.store.client.home import Home
from colloque.store.client.reports import Kept
from colloque.store.client.vault import Locked
from tests.protocol.session.ends import KEY, START, World
from tests.store.client.test_time import pair

PASSPHRASE = "kept in the safe"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretching takes its time on purpose, which is another test's matter."""
    monkeypatch.setattr(backup, "_MEMORY_KIB", 64)
    monkeypatch.setattr(backup, "_ITERATIONS", 1)
    monkeypatch.setattr(vault, "_MEMORY_KIB", 64)
    monkeypatch.setattr(vault, "_ITERATIONS", 1)


def restore(folder: Path, source: Path, passphrase: str = PASSPHRASE) -> Home:
    return Home.restore(folder, source, passphrase, "x", random=os.urandom, clock=lambda: START)


def table(database: Database, name: str) -> list[tuple[object, ...]]:
    return sorted(database.all(f"SELECT * FROM {name}"), key=repr)


def test_a_backup_from_before_there_were_reports(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anne, _, conversation = pair(world)
    with monkeypatch.context() as then:
        then.setattr(backup, "_TABLES", tuple(name for name in backup._TABLES if name not in backup._ADDED))
        anne.home.backup(tmp_path / "backup", PASSPHRASE)
    home = restore(tmp_path / "new", tmp_path / "backup")
    assert home.reports.find(conversation) == []
    assert home.identity == anne.home.identity
    home.close()


def test_everything_but_ratchets_comes_back(world: World, tmp_path: Path) -> None:
    anne, _, conversation = pair(world)
    anne.write(conversation, "written before")
    world.calm()
    anne.write(conversation, "in line")
    anne.home.people.set_verified(anne.home.people.contacts()[0].key, True)
    anne.home.reports.keep(
        Kept(b"r" * 16, conversation, 1, None, "{}", b"%PDF", "report.pdf", (conversation,))
    )
    anne.home.reports.put_draft(conversation, "{}")
    before = anne.talk(conversation)
    anne.home.backup(tmp_path / "backup", PASSPHRASE)
    home = restore(tmp_path / "new", tmp_path / "backup")
    for name in (
        "queue",
        "invitation",
        "peer",
        "message",
        "delivery",
        "writing",
        "contact",
        "seen",
        "report",
        "report_draft",
    ):
        assert table(home.database, name) == table(anne.home.database, name), name
    assert home.identity == anne.home.identity
    assert not [n for n in ("mls_group", "key_package", "raw", "payload") if n in backup._TABLES]
    talk = home.talks.load(conversation)
    assert talk is not None
    assert before is not None
    assert (talk.groups, talk.conversation.phase) == ((), Phase.LOST)
    assert talk.hosting == before.hosting
    home.close()


def test_one_taken_over_another_is_whole(world: World, tmp_path: Path) -> None:
    """A backup that fails leaves the one before, and nothing beside it."""
    anne, _, _ = pair(world)
    target = tmp_path / "safe" / "backup"
    target.parent.mkdir()
    anne.home.backup(target, PASSPHRASE)
    first = target.read_bytes()
    anne.home.database.step = _stop
    with pytest.raises(InterruptedError):
        anne.home.backup(target, PASSPHRASE)
    assert target.read_bytes() == first
    anne.home.database.step = lambda name: None
    anne.home.backup(target, PASSPHRASE)
    assert [path.name for path in target.parent.iterdir()] == ["backup"]
    restore(tmp_path / "new", target).close()


def _stop(name: str) -> None:
    raise InterruptedError(name)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a backup of a home with some history."""
    folder = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as quick:
        quick.setattr(backup, "_MEMORY_KIB", 64)
        quick.setattr(backup, "_ITERATIONS", 1)
        world = World(folder / "world")
        anne, _, conversation = pair(world)
        for n in range(30):
            anne.write(conversation, f"{n} " * 50)
        world.calm()
        anne.home.backup(folder / "backup", PASSPHRASE)
        world.close()
    return (folder / "backup").read_bytes()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1, exclude_max=True), change=st.integers(1, 255), cut=st.booleans())
def test_any_changed_byte_or_cut_is_locked_and_leaves_nothing(
    kept: bytes, tmp_path_factory: pytest.TempPathFactory, at: float, change: int, cut: bool
) -> None:
    """Every page is authentic by its key: a changed one is found wherever it lies."""
    folder = tmp_path_factory.mktemp("damaged")
    place = int(at * len(kept))
    damaged = kept[:place] if cut else kept[:place] + bytes([kept[place] ^ change]) + kept[place + 1 :]
    (folder / "backup").write_bytes(damaged)
    with pytest.raises(Locked):
        restore(folder / "new", folder / "backup")
    assert not (folder / "new").exists()
    (folder / "backup").write_bytes(kept)
    restore(folder / "new", folder / "backup").close()


def test_the_wrong_passphrase_and_what_is_no_backup(kept: bytes, tmp_path: Path) -> None:
    (tmp_path / "backup").write_bytes(kept)
    for passphrase in ("", "Kept in the safe", PASSPHRASE + " "):
        with pytest.raises(Locked):
            restore(tmp_path / "new", tmp_path / "backup", passphrase)
    for data in (b"", b"short", b"SQLite format 3\0" + bytes(5_000), os.urandom(8_192)):
        (tmp_path / "other").write_bytes(data)
        with pytest.raises(Locked):
            restore(tmp_path / "new", tmp_path / "other")
    assert not (tmp_path / "new").exists()


def test_a_home_that_is_there_is_not_written_over(kept: bytes, tmp_path: Path) -> None:
    (tmp_path / "backup").write_bytes(kept)
    restore(tmp_path / "new", tmp_path / "backup").close()
    files = {path.name: path.read_bytes() for path in (tmp_path / "new").iterdir()}
    with pytest.raises(Locked, match="already"):
        restore(tmp_path / "new", tmp_path / "backup")
    assert {path.name: path.read_bytes() for path in (tmp_path / "new").iterdir()} == files


def test_nothing_readable_lies_in_a_backup(kept: bytes) -> None:
    for word in (b"SQLite", b"anne", b"0 0 0", KEY.raw):
        assert word not in kept


def test_identity_is_needed(tmp_path: Path) -> None:
    """A home whose making was cut short says so."""
    with pytest.raises(Locked, match="never finished"):
        _ = Home(tmp_path, Database(tmp_path, KEY), os.urandom, lambda: START).identity
