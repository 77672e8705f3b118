"""Links on a terminal: with a QR code for a telephone's camera; elsewhere the link alone."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import segno

from tests.cli.shell import Shell


def on_a_terminal(shell: Shell, *arguments: str) -> str:
    """What a person sees: standard output is a terminal."""
    ours, theirs = pty.openpty()
    seen = io.BytesIO()

    def watch() -> None:
        try:
            while data := os.read(ours, 65_536):
                seen.write(data)
        except OSError:
            return  # the other end was closed

    watcher = threading.Thread(target=watch)
    watcher.start()
    command = [sys.executable, "-m", "colloque.cli", *arguments]
    done = subprocess.run(
        command,
        stdout=theirs,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env=shell.environment,
        timeout=60,
        check=False,
    )
    os.close(theirs)
    watcher.join(20)
    os.close(ours)
    assert done.returncode == 0, done.stderr
    return seen.getvalue().decode().replace("\r\n", "\n")


@pytest.mark.parametrize("command", ["invite", "card"])
def test_a_link_is_shown_with_its_code_on_a_terminal_only(shell: Shell, tmp_path: Path, command: str) -> None:
    token = shell.raw("relay", "--data", str(tmp_path / "relay"), "token", "new").stdout.split()[-1]
    shell("anne", "init", "--relay", shell.url, "--name", "Dr Anne Payet", "--token", token)
    home = str(tmp_path / "anne")
    seen = on_a_terminal(shell, "--home", home, command)
    link, _, code = seen.partition("\n")
    assert link.startswith(shell.url)
    expected = io.StringIO()
    segno.make(link, error="l").terminal(out=expected, compact=True)
    assert code == expected.getvalue()
    assert "█" in code
    assert "█" not in on_a_terminal(shell, "--home", home, "--json", command)
    piped = shell.raw("--home", home, command).stdout
    assert piped.count("\n") == 1
    assert "#" in piped
