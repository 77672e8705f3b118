"""Standard output as it may be found: unable to encode, full, closed, read by nobody, or stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.shell import Shell

COMMAND = [sys.executable, "-m", "colloque.cli"]


def test_a_character_that_cannot_be_encoded_holds_nothing_up(shell: Shell) -> None:
    shell.pair("anne", "bruno")
    shell("anne", "send", "bruno", "--text", "Δ à 3 h 🙂")
    shell("anne", "send", "bruno", "--text", "ensuite")
    said = shell.said("bruno", "receive", "--wait", "2", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert "\\u0394 \\xe0 3 h \\U0001f642" in said
    assert "ensuite" in said
    assert "Nothing new" in shell.raw("--home", str(shell.folder / "bruno"), "receive", "--wait", "0").stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_what_could_not_be_written_is_told_and_shown_again(shell: Shell) -> None:
    shell.pair("anne", "bruno")
    shell("anne", "send", "bruno", "--text", "Bonjour")
    receive = [*COMMAND, "--home", str(shell.folder / "bruno"), "receive"]
    with open("/dev/full", "w") as full:
        for more in ([], ["--json"]):
            done = subprocess.run(
                [*receive, *more], stdout=full, stderr=subprocess.PIPE, env=shell.environment, timeout=60
            )
            assert done.returncode == 1
            assert done.stderr.startswith(b"The output cannot be written"), done.stderr
            assert done.stderr.count(b"\n") == 1, done.stderr
    (again,) = shell("bruno", "receive")
    assert (again["text"], again["again"]) == ("Bonjour", True)


@pytest.mark.skipif(os.name != "posix", reason="pipes and descriptors of POSIX")
def test_a_reader_that_goes_and_an_output_that_is_closed() -> None:
    closed = f"{sys.executable} -m colloque.cli --help >&-"
    done = subprocess.run(["bash", "-c", closed], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*COMMAND, "--help"], stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c_is_quiet(shell: Shell) -> None:
    shell.pair("anne", "bruno")
    shell("anne", "send", "bruno", "--text", "Bonjour")
    follow = subprocess.Popen(
        [*COMMAND, "--home", str(shell.folder / "bruno"), "receive", "--follow"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=shell.environment,
        text=True,
    )
    assert follow.stdout is not None
    assert "Bonjour" in follow.stdout.readline()
    follow.send_signal(signal.SIGINT)
    out, err = follow.communicate(timeout=30)
    assert (follow.returncode, out.strip(), err.strip()) == (130, "", "")
    assert shell("bruno", "receive", "--wait", "0") == []


def test_a_wrong_command_is_one_line_of_json_too(tmp_path: Path) -> None:
    shell = Shell(tmp_path, "")
    (line,) = shell("x", "send", code=2)
    assert (line["code"], "WHO" in line["error"]) == (2, True)
    (line,) = shell("x", "nothing-of-the-kind", code=2)
    assert line["code"] == 2
