"""A real coturn on this machine, which knows a secret and nobody by name."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.absent import skip_or_fail

SECRET = b"a secret shared by relay and TURN server"


@dataclass(frozen=True)
class Coturn:
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"turn:127.0.0.1:{self.port}?transport=udp"


def need_coturn() -> str:
    found = shutil.which("turnserver")
    skip_or_fail(None if found else "no coturn here: `apt-get install coturn` (as root, `make test` does it)")
    return str(found)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def coturn(folder: Path) -> Iterator[Coturn]:
    program, port, log = need_coturn(), free_port(), folder / "turn.log"
    command = [program, "-n", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", f"--listening-port={port}"]
    command += ["--use-auth-secret", f"--static-auth-secret={SECRET.decode()}", "--realm=relay.example"]
    # Loopback is what there is here; a server in the open must not relay to it, and by default does not.
    command += [
        "--allow-loopback-peers",
        "--cli-password=unused",
        "--no-cli",
        "--no-tls",
        "--no-dtls",
        "--verbose",
    ]
    command += [
        f"--log-file={log}",
        "--simple-log",
        f"--pidfile={folder}/turn.pid",
        f"--userdb={folder}/turn.db",
    ]
    with (folder / "turn.out").open("wb") as out:
        running = subprocess.Popen(command, stdout=out, stderr=out)
    try:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        else:
            raise AssertionError("coturn did not come up")
        yield Coturn(port, log)
    finally:
        running.terminate()
        running.wait(20)
