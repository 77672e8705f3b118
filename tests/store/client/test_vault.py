"""The key of a home: under a passphrase, or in the system's keyring; `Locked` in every other case."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import keyring.backends.fail
import keyring.errors
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from colloque.protocol.session.model import Identity
from colloque.store.client import vault
from colloque.store.client.home import Home
from colloque.store.client.vault import KEY_FILE, DatabaseKey, Locked
from colloque.wire.profile import Profile
from tests.protocol.session.ends import START

IDENTITY = Identity(bytes(32), Profile("Dr Anne Payet"), "https://relay.example", b"")


class Ring(keyring.backend.KeyringBackend):
    """A keyring that lives as long as the test."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.held.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError("not there")


class Locking(Ring):
    """One that the user refuses to unlock."""

    def get_password(self, service: str, username: str) -> str | None:
        raise keyring.errors.KeyringLocked("refused")


class Forgetful(Ring):
    def set_password(self, service: str, username: str, password: str) -> None:
        pass


@pytest.fixture
def ring() -> Iterator[Ring]:
    before, made = keyring.get_keyring(), Ring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "_MEMORY_KIB", 64)
    monkeypatch.setattr(vault, "_ITERATIONS", 1)


def create(folder: Path, passphrase: str | None = None) -> None:
    Home.create(folder, passphrase, IDENTITY, random=os.urandom, clock=lambda: START).close()


def identity(folder: Path, passphrase: str | None = None) -> Identity:
    home = Home.open(folder, passphrase, random=os.urandom, clock=lambda: START)
    try:
        return home.identity
    finally:
        home.close()


def test_a_home_under_the_systems_keyring(ring: Ring, tmp_path: Path) -> None:
    create(tmp_path)
    assert not vault.wants_passphrase(tmp_path)
    assert identity(tmp_path) == IDENTITY
    ((_, key),) = ring.held.items()
    assert key not in (tmp_path / KEY_FILE).read_text()
    ring.held.clear()
    with pytest.raises(Locked, match="does not hold"):
        identity(tmp_path)


@pytest.mark.parametrize("kind", [Locking, Forgetful, keyring.backends.fail.Keyring])
def test_no_home_is_made_where_its_key_can_be_kept_nowhere(
    ring: Ring, tmp_path: Path, kind: type[keyring.backend.KeyringBackend]
) -> None:
    keyring.set_keyring(kind())
    with pytest.raises(Locked, match="passphrase"):
        create(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_keyring_that_stays_locked_or_holds_something_else(ring: Ring, tmp_path: Path) -> None:
    create(tmp_path)
    held = dict(ring.held)
    for wrong in ("", "not hexadecimal", "00" * 31, "00" * 32):
        ring.held = dict.fromkeys(held, wrong)
        with pytest.raises(Locked):
            identity(tmp_path)
    keyring.set_keyring(Locking())
    with pytest.raises(Locked):
        identity(tmp_path)


def test_a_home_under_a_passphrase(tmp_path: Path) -> None:
    create(tmp_path, "correct horse")
    assert vault.wants_passphrase(tmp_path)
    assert identity(tmp_path, "correct horse") == IDENTITY
    for wrong in ("correct horsf", "", None):
        with pytest.raises(Locked):
            identity(tmp_path, wrong)
    with pytest.raises(Locked, match="already"):
        create(tmp_path, "correct horse")


def test_a_passphrase_is_changed_without_writing_the_database_anew(tmp_path: Path) -> None:
    create(tmp_path, "old")
    key = vault.unlock(tmp_path, "old")
    vault.wrap(tmp_path, key, "new", os.urandom)
    assert vault.unlock(tmp_path, "new") == key
    with pytest.raises(Locked):
        vault.unlock(tmp_path, "old")
    assert key.raw.hex() not in repr(key)


def test_each_home_has_a_key_and_a_salt_of_its_own(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        create(tmp_path / name, "same")
    keys = {vault.unlock(tmp_path / name, "same").raw for name in ("one", "other")}
    salts = {json.loads((tmp_path / name / KEY_FILE).read_text())["salt"] for name in ("one", "other")}
    assert len(keys) == len(salts) == 2


def test_a_home_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Locked, match="colloque init"):
        identity(tmp_path, "x")
    vault.wrap(tmp_path, DatabaseKey(bytes(32)), "x", os.urandom)
    with pytest.raises(Locked, match="colloque init"):
        identity(tmp_path, "x")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_damaged_key_file_is_locked(tmp_path: Path, data: st.DataObject) -> None:
    """Whatever the file holds, also a demand for more work than is reasonable: `Locked`, and nothing else is raised."""
    (tmp_path / KEY_FILE).unlink(missing_ok=True)
    vault.wrap(tmp_path, DatabaseKey(bytes(32)), "x", os.urandom)
    document = json.loads((tmp_path / KEY_FILE).read_text())
    name = data.draw(st.sampled_from(sorted(document)))
    anything = (
        st.none() | st.integers(-9, 1 << 40) | st.text(max_size=60) | st.lists(st.integers(), max_size=2)
    )
    value = data.draw(anything.filter(lambda v: v != document[name]))
    if name == "kdf":
        return
    (tmp_path / KEY_FILE).write_text(json.dumps(document | {name: value}))
    with pytest.raises(Locked):
        vault.unlock(tmp_path, "x")


@given(st.binary(max_size=60))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_as_a_key_file_are_locked(tmp_path: Path, data: bytes) -> None:
    (tmp_path / KEY_FILE).write_bytes(data)
    with pytest.raises(Locked):
        vault.unlock(tmp_path, "x")
