"""`deploy/Caddyfile` in front of a relay, in a real Caddy: its name and ports replaced, its certificates Caddy's own."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shell import Shell

pytestmark = pytest.mark.skipif(
    shutil.which("caddy") is None,
    reason="no Caddy here: `apt-get install caddy` (as root, `make test` does it)",
)
ROOT = Path(__file__).resolve().parents[2]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int) -> None:
    """Until it has a certificate to show, too; whose it is, the tests look at."""
    blind = ssl.create_default_context()
    blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as probe:
            blind.wrap_socket(probe, server_hostname="localhost").close()
            return
        time.sleep(0.05)
    raise AssertionError("Caddy did not come up")


@pytest.fixture
def behind_caddy(shell: Shell, tmp_path: Path) -> Iterator[Shell]:
    """A shell whose relay is reached by TLS, through Caddy."""
    port = _free_port()
    text = (ROOT / "deploy" / "Caddyfile").read_text("utf-8")
    top = f"{{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n\tstorage file_system {tmp_path}/caddy\n"
    text = re.sub(r"^\{\n", top, text, count=1, flags=re.MULTILINE)
    text = text.replace("relay.example.org {", f"localhost:{port} {{\n\ttls internal")
    text = text.replace("127.0.0.1:8440", shell.url.removeprefix("http://"))
    (tmp_path / "Caddyfile").write_text(text, "utf-8")
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(tmp_path / "Caddyfile")]
    environment = os.environ | {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    with (tmp_path / "caddy.log").open("wb") as log:
        caddy = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    try:
        _wait(port)
        shell.url = f"https://localhost:{port}"
        [root] = (tmp_path / "caddy").rglob("root.crt")
        shell.environment["SSL_CERT_FILE"] = str(root)
        yield shell
    finally:
        caddy.terminate()
        caddy.wait(20)


def test_two_write_through_it_and_it_writes_nothing_down(behind_caddy: Shell, tmp_path: Path) -> None:
    run, file = behind_caddy, tmp_path / "result.bin"
    file.write_bytes(os.urandom(5_000_000))
    token = run.raw("relay", "--data", str(tmp_path / "relay"), "token", "new").stdout.strip()
    run("anne", "init", "--relay", run.url, "--name", "Anne", "--token", token)
    run("bruno", "init", "--relay", run.url, "--name", "Bruno")
    [invited] = run("anne", "invite")
    [accepted] = run("bruno", "accept", invited["link"])
    run("anne", "receive", "--wait", "10")
    run(
        "bruno",
        "send",
        accepted["short"],
        "--text",
        "planted bonjour",
        "--file",
        str(file),
        "--wait",
        "accepted",
    )
    came = run("anne", "receive", "--wait", "10", "--out", str(tmp_path / "out"))
    assert [entry["kind"] for entry in came if entry["kind"] != "notice"] == ["text", "file"]
    assert (tmp_path / "out" / "result.bin").read_bytes() == file.read_bytes()
    log = (tmp_path / "caddy.log").read_text("utf-8")
    assert "serving initial configuration" in log
    assert not any(word in log for word in ("planted", "/v1/live", "/v1/chunks", "handled request"))


def test_counts_are_not_for_the_world_and_strangers_certificates_not_for_us(
    behind_caddy: Shell, tmp_path: Path
) -> None:
    run, port = behind_caddy, int(behind_caddy.url.rsplit(":", 1)[1])
    trust = ssl.create_default_context(cafile=run.environment["SSL_CERT_FILE"])
    for path, status in (("/metrics", 404), ("/v1/relay", 200)):
        line = http.client.HTTPSConnection("localhost", port, context=trust, timeout=10)
        line.request("GET", path)
        answer = line.getresponse()
        assert answer.status == status
        assert answer.headers["Strict-Transport-Security"] == "max-age=63072000"
        line.close()
    strange = run.raw(
        "--home", str(tmp_path / "x"), "init", "--relay", run.url, "--name", "X", SSL_CERT_FILE="-"
    )
    assert strange.returncode == 3
    assert "could not be reached" in strange.stderr
