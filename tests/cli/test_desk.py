"""`colloque desk` and `colloque recovery-sheet` as people start them: real processes."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.cli.shell import Shell


def start(shell: Shell, who: str, *more: str) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "colloque.cli",
        "--home",
        str(shell.folder / who),
        "--json",
        "desk",
        "--no-browser",
    ]
    return subprocess.Popen([*command, *more], stdout=subprocess.PIPE, text=True, env=shell.environment)


def test_a_desk_starts_is_found_again_and_stops(shell: Shell) -> None:
    first = start(shell, "anne")
    assert first.stdout is not None
    address = json.loads(first.stdout.readline())["address"]
    parts = urlsplit(address)
    line = http.client.HTTPConnection(parts.netloc, timeout=10)
    line.request("GET", f"{parts.path}?{parts.query}")
    answer = line.getresponse()
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    answer.read()
    cookie = (answer.headers["Set-Cookie"] or "").split(";")[0]
    line.request("GET", "/api/state", headers={"Cookie": cookie})
    assert json.loads(line.getresponse().read())["standing"] == "new"
    line.close()
    # A second one only says where the first is.
    (again,) = shell("anne", "desk", "--no-browser")
    assert again["address"] == address
    first.send_signal(signal.SIGTERM)
    assert first.wait(20) == 0
    assert not (shell.folder / "anne" / "desk.json").exists()
    first.stdout.close()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_sheet_and_backup_from_the_command_line(shell: Shell, language: str) -> None:
    """S38: the passphrase is not known where it is restored."""
    shell("anne", "init", "--relay", shell.url, "--name", "Anne")
    backup = str(shell.folder / "anne.backup")
    (sheet,) = shell("anne", "recovery-sheet", "--language", language)
    (same,) = shell("anne", "recovery-sheet", "--language", language)
    assert sheet == same
    assert len(sheet["words"]) == 24
    shell("anne", "backup", backup)
    words = " ".join(sheet["words"])
    shown = shell.said("anne", "recovery-sheet", "--language", language)
    assert [word for line in shown.splitlines() for word in line.split() if word[0].isalpha()] == sheet[
        "words"
    ]
    wrong = " ".join([*sheet["words"][1:], sheet["words"][0]])
    restore = ("--home", str(shell.folder / "again"), "restore", "--sheet", backup)
    refused = shell.raw(*restore, COLLOQUE_SHEET=wrong, COLLOQUE_PASSPHRASE="a new one")
    assert (refused.returncode, refused.stderr.count("\n")) == (5, 1), refused.stderr
    assert shell.raw(*restore, COLLOQUE_PASSPHRASE="a new one").returncode == 5
    done = shell.raw(*restore, COLLOQUE_SHEET=words, COLLOQUE_PASSPHRASE="a new one")
    assert done.returncode == 0, done.stderr
    assert (
        shell.raw(
            "--home", str(shell.folder / "again"), "contacts", COLLOQUE_PASSPHRASE="a new one"
        ).returncode
        == 0
    )


def test_autostart_from_the_command_line(shell: Shell, tmp_path: Path) -> None:
    for start, on in (("status", False), ("on", True), ("status", True), ("off", False)):
        done = shell.raw(
            "--home",
            str(tmp_path / "anne"),
            "--json",
            "desk",
            "--autostart",
            start,
            XDG_CONFIG_HOME=str(tmp_path / "c"),
        )
        assert json.loads(done.stdout) == {"autostart": on}
