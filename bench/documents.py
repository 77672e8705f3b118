"""A document of 200 MB from send to saved: ours through a relay, and magic-wormhole's on the same loopback."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import Any

from colloque.client.client import Client
from colloque.wire.profile import Profile

ROOT = Path(__file__).resolve().parents[1]
WORMHOLE = ROOT / ".stamps" / "wormhole"


def relay_process(folder: Path) -> tuple[subprocess.Popen[str], str]:
    command = [
        sys.executable,
        "-m",
        "colloque.cli",
        "relay",
        "--data",
        str(folder),
        "--listen",
        "127.0.0.1:0",
    ]
    process = subprocess.Popen([*command, "--creation", "open"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().split()[-1]


async def receiving(home: Path, folder: Path) -> None:
    """The other end, a process of its own: accepts a link from its input, saves one document, says when."""
    link = sys.stdin.readline().strip()
    async with Client.open(home, passphrase="x") as client:
        client.save_ahead(folder)
        await client.accept(link)
        await client.until(lambda: client.contacts()[0].phase.value == "open", 20)
        print("ready", flush=True)
        while True:
            async for entry in client.receive(60):
                if entry.document is not None:
                    saved = await asyncio.to_thread(client.save, entry, folder)
                    # One clock for all processes of a machine.
                    print(time.clock_gettime(time.CLOCK_MONOTONIC), saved.stat().st_size, flush=True)
                    await client.settle(10)
                    return


async def ours(folder: Path, size: int) -> float:
    """Seconds from `send` to the file saved, both ends and the relay being processes of their own."""
    process, url = relay_process(folder / "relay")
    other = subprocess.Popen(
        [sys.executable, __file__, "receive", str(folder / "b"), str(folder / "saved")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdin is not None
    assert other.stdout is not None
    try:
        path = folder / "document.bin"
        path.write_bytes(os.urandom(size))
        for name in ("a", "b"):
            await Client.create(folder / name, relay=url, profile=Profile(name), passphrase="x")
        async with Client.open(folder / "a", passphrase="x") as a:
            other.stdin.write((await a.invite()).link + "\n")
            other.stdin.flush()
            await asyncio.to_thread(other.stdout.readline)
            await a.until(lambda: a.contacts()[0].phase.value == "open", 20)
            began = time.clock_gettime(time.CLOCK_MONOTONIC)
            await a.send(a.contacts()[0].conversation, files=[path])
            ended, saved = (await asyncio.to_thread(other.stdout.readline)).split()
            assert int(saved) == size
            await a.settle(10)
        return float(ended) - began
    finally:
        process.terminate()
        other.wait(20)
        process.wait()


def wormhole_ready() -> str | None:
    """Installs magic-wormhole apart, once; why not, where it cannot be had."""
    if (WORMHOLE / "bin" / "wormhole").exists():
        return None
    venv.create(WORMHOLE, with_pip=True)
    packages = ["magic-wormhole", "magic-wormhole-mailbox-server", "setuptools<81"]
    done = subprocess.run(
        [WORMHOLE / "bin" / "pip", "install", "-q", *packages], capture_output=True, text=True, check=False
    )
    if done.returncode:
        shutil.rmtree(WORMHOLE, ignore_errors=True)
        return done.stderr.strip().splitlines()[-1]
    return None


def wormhole(folder: Path, size: int) -> float:
    """The same for magic-wormhole, its mailbox server on loopback, the transfer direct."""
    path = folder / "document.bin"
    path.write_bytes(os.urandom(size))
    (folder / "in").mkdir()
    server = subprocess.Popen(
        [WORMHOLE / "bin" / "twist", "wormhole-mailbox", "--port", "tcp:44000:interface=127.0.0.1"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(3)
        base = [
            str(WORMHOLE / "bin" / "wormhole"),
            "--relay-url",
            "ws://127.0.0.1:44000/v1",
            "--transit-helper",
            "",
        ]
        code = "7-crossover-clockwork"
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        began = time.perf_counter()
        sender = subprocess.Popen([*base, "send", "--hide-progress", "--code", code, str(path)], **quiet)
        receive = [*base, "receive", "--hide-progress", "--accept-file", code]
        receiver = subprocess.Popen(receive, cwd=folder / "in", **quiet)
        if receiver.wait(600) or sender.wait(60):
            raise RuntimeError("magic-wormhole did not bring it across")
        took = time.perf_counter() - began
        assert (folder / "in" / "document.bin").stat().st_size == size
        return took
    finally:
        server.terminate()
        server.wait()


async def run(size: int = 200_000_000, rounds: int = 3) -> dict[str, Any]:
    """Medians; those of one byte beside them, since magic-wormhole's programs are started for each document."""
    missing = await asyncio.to_thread(wormhole_ready)
    found: dict[str, Any] = {"bytes": size}
    for bytes_, ending in ((size, ""), (1, "_one_byte")):
        mine, theirs = [], []
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as name:
                mine.append(await ours(Path(name), bytes_))
            if missing is None:
                with tempfile.TemporaryDirectory() as name:
                    theirs.append(await asyncio.to_thread(wormhole, Path(name), bytes_))
        found[f"colloque{ending}_s"] = round(sorted(mine)[len(mine) // 2], 3)
        if theirs:
            found[f"wormhole{ending}_s"] = round(sorted(theirs)[len(theirs) // 2], 3)
    if missing is None:
        found["colloque_over_wormhole"] = round(found["colloque_s"] / found["wormhole_s"], 2)
    else:
        found["wormhole"] = f"not to be had here: {missing}"
    return found


if __name__ == "__main__":
    if sys.argv[1:2] == ["receive"]:
        asyncio.run(receiving(Path(sys.argv[2]), Path(sys.argv[3])))
    else:
        print(asyncio.run(run(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000_000)))
