"""The command line as people and programs call it: real processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


class Shell:
    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self.typed = ""
        """What standard input holds."""
        self.relay: subprocess.Popen[str] | None = None
        self.environment = os.environ | {"COLLOQUE_PASSPHRASE": "x", "LC_ALL": "C.UTF-8"}

    def start(self) -> None:
        """The relay; at the same port as before where it was stopped."""
        listen = self.url.removeprefix("http://") or "127.0.0.1:0"
        command = [sys.executable, "-m", "colloque.cli", "relay", "--data", str(self.folder / "relay")]
        self.relay = subprocess.Popen([*command, "--listen", listen], stdout=subprocess.PIPE, text=True)
        assert self.relay.stdout is not None
        self.url = self.relay.stdout.readline().split()[-1]

    def stop(self) -> None:
        assert self.relay is not None
        self.relay.terminate()
        assert self.relay.wait(20) == 0
        assert self.relay.stdout is not None
        self.relay.stdout.close()
        self.relay = None

    def raw(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "colloque.cli", *arguments]
        given = {k: v for k, v in (self.environment | environment).items() if v != "-"}
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=90,
            env=given,
            check=False,
            input=self.typed,
        )

    def said(self, who: str, *arguments: str, code: int = 0, **environment: str) -> str:
        """What people see of it on standard output."""
        done = self.raw("--home", str(self.folder / who), *arguments, **environment)
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        return done.stdout

    def pair(self, *names: str) -> None:
        """The first invites each of the others, and all are open."""
        token = self.raw("relay", "--data", str(self.folder / "relay"), "token", "new").stdout.split()[-1]
        first, *others = names
        for who in names:
            self(who, "init", "--relay", self.url, "--name", who.title(), "--token", token)
        for who in others:
            (invited,) = self(first, "invite", "--for", who.title())
            self(who, "accept", invited["link"])
        self(first, "receive", "--wait", "2")
        for who in others:
            self(who, "receive", "--wait", "2")

    def __call__(self, who: str, *arguments: str, code: int = 0) -> list[dict[str, Any]]:
        done = self.raw("--home", str(self.folder / who), "--json", *arguments)
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]
