"""Starting with the computer. Linux is checked by systemd itself where it is there; macOS and Windows only by what is written."""

from __future__ import annotations

import plistlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from colloque.desk.autostart import Launchd, Starter, Startup, Systemd

ODD = 'a "home" of 100 % $HOME'


@pytest.mark.parametrize("kind", [Systemd, Launchd, Startup])
def test_on_off_and_status(tmp_path: Path, kind: type[Systemd] | type[Launchd] | type[Startup]) -> None:
    starter: Starter = kind(tmp_path / "there")
    assert starter.is_on() is False
    starter.turn(False, tmp_path / "home")
    starter.turn(True, tmp_path / "home")
    starter.turn(True, tmp_path / "home")
    assert starter.is_on() is True
    starter.turn(False, tmp_path / "home")
    assert starter.is_on() is False
    assert not [path for path in (tmp_path / "there").rglob("*") if path.is_file() or path.is_symlink()]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
@pytest.mark.parametrize("home", ["home", ODD])
def test_systemd_takes_the_unit(tmp_path: Path, home: str) -> None:
    starter = Systemd(tmp_path)
    starter.turn(True, tmp_path / home)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", str(starter.unit)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)},
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_words_stay_words(tmp_path: Path) -> None:
    unit = Systemd(tmp_path).text(tmp_path / ODD)
    assert 'a \\"home\\" of 100 %% $$HOME"' in unit
    job = plistlib.loads(Launchd(tmp_path).text(tmp_path / ODD).encode())
    assert job["ProgramArguments"][4] == str((tmp_path / ODD).resolve())
    assert job["ProgramArguments"][0] == sys.executable
    script = Startup(tmp_path).text(tmp_path / "a home")
    assert script.count('"') == 2 + script.count('""') * 2 + 2
    assert "--no-browser" in script
