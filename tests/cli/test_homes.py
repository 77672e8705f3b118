"""Homes and backups: made whole or not at all, readable by nobody else, and never where nobody asked."""

from __future__ import annotations

import http.server
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from colloque.store.client.home import Home
from tests.cli.shell import Shell


@pytest.fixture
def stranger() -> Iterator[str]:
    """A web server that is no relay."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>")

        def log_message(self, *arguments: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_init_leaves_a_home_only_where_it_may_be_of_use(shell: Shell, stranger: str) -> None:
    home = shell.folder / "anne"
    (wrong,) = shell("anne", "init", "--relay", stranger, "--name", "Anne", code=4)
    assert "relay" in wrong["error"]
    shell("anne", "init", "--relay", "relay.example", "--name", "Anne", code=4)
    shell("anne", "init", "--relay", shell.url, "--name", "Anne", "--token", "un jeton", code=4)
    assert not home.exists()
    (made,) = shell("anne", "init", "--relay", "http://127.0.0.1:9", "--name", "Anne", code=3)
    assert (home.is_dir(), made["reached"]) == (True, False)
    (there,) = shell("anne", "init", "--relay", shell.url, "--name", "Anne", code=4)
    assert "already" in there["error"]


def test_who_has_no_token_is_told_and_can_be_given_one(shell: Shell) -> None:
    (made,) = shell("anne", "init", "--relay", shell.url, "--name", "Anne")
    assert made["needs_token"] is True
    (refused,) = shell("anne", "invite", "--for", "Bruno", code=4)
    assert "token" in refused["error"]
    token = shell.raw("relay", "--data", str(shell.folder / "relay"), "token", "new").stdout.strip()
    for wrong in ("", "un jeton", "jetön-jetön", "x" * 65):
        shell("anne", "token", wrong, code=4)
    shell("anne", "token", token)
    (invited,) = shell("anne", "invite", "--for", "Bruno")
    assert invited["ready"] is True
    shown = shell.raw("--home", str(shell.folder / "bruno"), "init", "--relay", shell.url, "--name", "Bruno")
    assert "without one" in shown.stderr
    shell("bruno", "accept", invited["link"])


def test_a_program_that_runs_hears_of_a_new_token(shell: Shell) -> None:
    shell("anne", "init", "--relay", shell.url, "--name", "Anne")
    running = Home.open(shell.folder / "anne", "x", random=os.urandom, clock=lambda: 0)
    assert running.identity.token == b""
    shell("anne", "token", "0123456789abcdef")
    assert running.identity.token == b"0123456789abcdef"
    running.close()


def test_a_backup_goes_only_where_there_is_a_folder(shell: Shell, tmp_path: Path) -> None:
    shell("anne", "init", "--relay", shell.url, "--name", "Anne")
    (refused,) = shell("anne", "backup", str(tmp_path / "stick" / "anne.backup"), code=4)
    assert str(tmp_path / "stick") in refused["error"]
    assert not (tmp_path / "stick").exists()
    (tmp_path / "file").touch()
    shell("anne", "backup", str(tmp_path / "file" / "anne.backup"), code=4)
    shell("anne", "backup", str(tmp_path / "anne.backup"))


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_what_a_home_writes_is_for_nobody_else(shell: Shell, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        shell("anne", "init", "--relay", shell.url, "--name", "Anne")
        shell("anne", "backup", str(tmp_path / "anne.backup"))
        shell("again", "restore", str(tmp_path / "anne.backup"))
    finally:
        os.umask(before)
    for path, mode in (
        ("anne", 0o700),
        ("again", 0o700),
        ("anne.backup", 0o600),
        ("anne/colloque.db", 0o600),
        ("anne/key.json", 0o600),
    ):
        assert stat.S_IMODE((tmp_path / path).stat().st_mode) == mode, path


def test_a_restore_that_fails_leaves_nothing_and_says_one_sentence(shell: Shell, tmp_path: Path) -> None:
    shell("anne", "init", "--relay", shell.url, "--name", "Anne")
    shell("anne", "backup", str(tmp_path / "anne.backup"))
    home = tmp_path / "again"
    restore = ("--home", str(home), "restore")
    wrong = shell.raw(*restore, str(tmp_path / "anne.backup"), COLLOQUE_PASSPHRASE="wrong")
    (tmp_path / "short").write_bytes(b"x")
    short = shell.raw(*restore, str(tmp_path / "short"))
    (tmp_path / "long").write_bytes(os.urandom(40_960))
    long = shell.raw(*restore, str(tmp_path / "long"))
    for done in (wrong, short, long):
        assert (done.returncode, done.stderr.count("\n")) == (5, 1), done.stderr
    assert not home.exists()
    locked = shell.raw("--home", str(tmp_path / "anne"), "contacts", COLLOQUE_PASSPHRASE="wrong")
    assert (locked.returncode, locked.stderr.count("\n")) == (5, 1), locked.stderr
    shell("again", "restore", str(tmp_path / "anne.backup"))
    (there,) = shell("again", "restore", str(tmp_path / "anne.backup"), code=4)
    assert "already" in there["error"]
    shell.stop()
    shell("offline", "restore", str(tmp_path / "anne.backup"), code=3)
