"""`colloque relay token`: beside a relay that runs, or without one (`spec/relay.md` R20)."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from colloque.cli.relay_commands import relay
from colloque.store.relay.database import open_database
from tests.support.planted import scan_folder


def test_a_token_is_shown_once_and_revoked_by_either_name(tmp_path: Path) -> None:
    data = ["--data", str(tmp_path)]
    open_database(tmp_path).close()
    run = CliRunner()
    tokens = [run.invoke(relay, [*data, "token", "new", "--queues", "3"]).output.strip() for _ in range(2)]
    shorts = [row.split()[0] for row in run.invoke(relay, [*data, "token", "list"]).output.splitlines()]
    assert len(set(tokens)) == len(set(shorts)) == 2
    assert sum(scan_folder(tmp_path, [token.encode() for token in tokens]).values()) == 0
    assert run.invoke(relay, [*data, "token", "revoke", tokens[0]]).exit_code == 0
    (left,) = [row.split()[0] for row in run.invoke(relay, [*data, "token", "list"]).output.splitlines()]
    assert left in shorts
    assert run.invoke(relay, [*data, "token", "revoke", left]).output == f"revoked {left}\n"
    assert run.invoke(relay, [*data, "token", "revoke", left]).exit_code == 1


def start(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "colloque.cli", "relay", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_token_for_a_relay_that_never_ran_makes_none(tmp_path: Path) -> None:
    done = start("--data", str(tmp_path / "typo"), "token", "new")
    assert done.returncode == 1
    assert "no relay has run" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_keeps_a_relay_from_starting_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        data = str(tmp_path / "data")
        cases = [
            (["--data", data, "--listen", f"127.0.0.1:{port}"], "in use"),
            (["--data", data, "--listen", "127.0.0.1:0", "--metrics", f"127.0.0.1:{port}"], "in use"),
            (["--data", data, "--listen", "no-such-host.invalid:0"], "cannot go on"),
            (["--data", str(tmp_path / "file" / "data"), "--listen", "127.0.0.1:0"], str(tmp_path / "file")),
        ]
        for arguments, words in cases:
            done = start(*arguments)
            assert done.returncode == 1, done
            assert words in done.stderr
            assert (done.stderr.count("\n"), done.stdout) == (1, ""), done
    assert not list((tmp_path / "data").glob("*-wal")), "closed as it should be"


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_what_a_relay_writes_is_for_nobody_else(tmp_path: Path) -> None:
    data = tmp_path / "relay"
    code = "import os, runpy, sys; os.umask(0); sys.argv[0] = 'colloque'; runpy.run_module('colloque.cli', run_name='__main__')"
    command = [sys.executable, "-c", code, "relay", "--data", str(data), "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as relay:
        assert relay.stdout is not None
        assert relay.stdout.readline().startswith("relay ready")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [data, *data.rglob("*")]}
        relay.terminate()
    assert modes["relay"] == modes["chunks"] == 0o700
    assert {mode for name, mode in modes.items() if name not in ("relay", "chunks")} == {0o600}
    assert "relay.db" in modes
