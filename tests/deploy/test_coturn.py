"""`deploy/turnserver.conf` in a real coturn: its address, ports and secret replaced, a certificate made here; nothing else."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
import time
from pathlib import Path

from tests.meta.tree import ROOT
from tests.support.coturn import free_port, need_coturn


def _settings(folder: Path, plain: int, tls: int) -> Path:
    key, cert = folder / "key.pem", folder / "cert.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=turn.example.org"]
    subprocess.run([*made, "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True)
    text = (ROOT / "deploy" / "turnserver.conf").read_text("utf-8")
    for pattern, value in (
        (r"^listening-ip=.*$", "listening-ip=127.0.0.1"),
        (r"^listening-port=.*$", f"listening-port={plain}"),
        (r"^tls-listening-port=.*$", f"tls-listening-port={tls}"),
        (r"^cert=.*$", f"cert={cert}"),
        (r"^pkey=.*$", f"pkey={key}"),
    ):
        text, count = re.subn(pattern, value, text, flags=re.MULTILINE)
        assert count == 1, pattern
    path = folder / "turnserver.conf"
    path.write_text(text + f"pidfile={folder}/pid\nuserdb={folder}/db\n", "utf-8")
    return path


def test_it_starts_speaks_tls_and_says_nothing(tmp_path: Path) -> None:
    program, plain, tls = need_coturn(), free_port(), free_port()
    config = _settings(tmp_path, plain, tls)
    running = subprocess.Popen([program, "-c", str(config)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        end = time.monotonic() + 20
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", tls)) == 0:
                    break
            assert running.poll() is None, "coturn refused its settings"
            assert time.monotonic() < end
            time.sleep(0.05)
        context = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
        context.check_hostname = False
        # RFC 8489: an Allocate without credentials is answered by 401, with a realm and a nonce.
        allocate = bytes.fromhex("000300082112a442") + bytes(12) + bytes.fromhex("0019000411000000")
        with (
            socket.create_connection(("127.0.0.1", tls), 10) as raw,
            context.wrap_socket(raw, server_hostname="turn.example.org") as line,
        ):
            assert line.version() in ("TLSv1.2", "TLSv1.3")
            line.sendall(allocate)
            answer = line.recv(4096)
        assert answer[:2] == b"\x01\x13"
        assert b"turn.example.org" in answer
    finally:
        running.terminate()
        said, _ = running.communicate(timeout=20)
    assert b"127.0.0.1:" not in said.split(b"Listener")[-1], "an address of somebody was written down"
