"""Starting the desk with the computer: a systemd user unit, a launchd agent, or a file in the Startup folder.

Only for the person who asks for it, and without a browser; the desk waits locked until somebody opens it.
"""

from __future__ import annotations

import os
import plistlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from colloque.wire.codec import WireError

LABEL: Final = "org.colloque.desk"
UNIT: Final = "colloque-desk.service"


def command(home: Path) -> list[str]:
    return [sys.executable, "-m", "colloque.cli", "--home", str(home.resolve()), "desk", "--no-browser"]


class Starter(Protocol):
    def turn(self, on: bool, home: Path) -> None:
        """Raises `OSError`."""

    def is_on(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Systemd:
    """`config`: where systemd looks for a person's units."""

    config: Path

    @property
    def unit(self) -> Path:
        return self.config / "systemd" / "user" / UNIT

    @property
    def wanted(self) -> Path:
        return self.config / "systemd" / "user" / "default.target.wants" / UNIT

    def text(self, home: Path) -> str:
        words = " ".join(_quoted(word) for word in command(home))
        return (
            "[Unit]\nDescription=Colloque desk\n\n"
            f"[Service]\nExecStart={words}\nRestart=on-failure\nRestartSec=10\nUMask=0077\nNoNewPrivileges=yes\n"
            "LimitCORE=0\n\n[Install]\nWantedBy=default.target\n"
        )

    def turn(self, on: bool, home: Path) -> None:
        """The same links as `systemctl --user enable` makes, so that it needs no running systemd."""
        if on:
            _write(self.unit, self.text(home))
            self.wanted.parent.mkdir(parents=True, exist_ok=True)
            self.wanted.unlink(missing_ok=True)
            self.wanted.symlink_to(Path("..") / UNIT)
        else:
            self.wanted.unlink(missing_ok=True)
            self.unit.unlink(missing_ok=True)

    def is_on(self) -> bool:
        return self.unit.exists() and self.wanted.exists()


@dataclass(frozen=True, slots=True)
class Launchd:
    agents: Path

    @property
    def plist(self) -> Path:
        return self.agents / f"{LABEL}.plist"

    def text(self, home: Path) -> str:
        job = {
            "Label": LABEL,
            "ProgramArguments": command(home),
            "RunAtLoad": True,
            "ProcessType": "Background",
            "Umask": 0o077,
        }
        return plistlib.dumps(job).decode("utf-8")

    def turn(self, on: bool, home: Path) -> None:
        """Read by launchd at the next login."""
        if on:
            _write(self.plist, self.text(home))
        else:
            self.plist.unlink(missing_ok=True)

    def is_on(self) -> bool:
        return self.plist.exists()


@dataclass(frozen=True, slots=True)
class Startup:
    """Windows: a script in the person's Startup folder, without a window."""

    folder: Path

    @property
    def script(self) -> Path:
        return self.folder / "colloque-desk.vbs"

    def text(self, home: Path) -> str:
        words = command(home)
        quiet = Path(words[0]).with_name("pythonw.exe")
        line = subprocess.list2cmdline([str(quiet), *words[1:]]).replace('"', '""')
        return f'CreateObject("WScript.Shell").Run "{line}", 0, False\r\n'

    def turn(self, on: bool, home: Path) -> None:
        if on:
            _write(self.script, self.text(home), "utf-16")
        else:
            self.script.unlink(missing_ok=True)

    def is_on(self) -> bool:
        return self.script.exists()


def here() -> Starter:
    """This system's own; raises `WireError` where it has none that is known."""
    if sys.platform == "darwin":
        return Launchd(Path.home() / "Library" / "LaunchAgents")
    if sys.platform == "win32":
        return Startup(
            Path(os.environ["APPDATA"]) / "Microsoft" / "Windows" / "Start Menu" / "Programs" / "Startup"
        )
    if sys.platform.startswith("linux"):
        return Systemd(Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"))
    raise WireError("this system has no way to start programs that is known here")


def _quoted(word: str) -> str:
    """For systemd: percent and dollar signs are its own otherwise."""
    plain = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{plain}"'


def _write(path: Path, text: str, encoding: str = "utf-8") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".new")
    temporary.write_bytes(text.encode(encoding))
    os.replace(temporary, path)
