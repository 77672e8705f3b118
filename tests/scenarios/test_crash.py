"""Killed at any instant and started again: nothing lost, nothing shown twice (crash points by fault injection)."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from colloque.client.client import Client
from colloque.wire.profile import Profile
from tests.scenarios.world import PASSPHRASE, World, lines, until

ROOT = Path(__file__).resolve().parents[2]


async def worker(home: Path, link: str, shown: Path, kill_at: int) -> int:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.scenarios.crash_worker", str(home), link, str(shown), str(kill_at)),
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    code = process.returncode or 0
    assert code in (0, -signal.SIGKILL), errors.decode()
    return code


async def story(here: World, folder: Path, kills: Sequence[int]) -> int:
    """One exchange in which the guest is killed at each of `kills` (steps after its start), one start after the other;
    how often it was."""
    folder.mkdir()
    (folder / "document.bin").write_bytes(os.urandom(200_000))
    host_home = await here.home(f"host-{folder.name}")
    guest_home, shown = folder / "guest", folder / "shown"
    await Client.create(guest_home, relay=here.relay.url, profile=Profile("Dr Bruno"), passphrase="x")
    killed = 0
    async with Client.open(host_home, passphrase=PASSPHRASE) as host:
        link = (await host.invite("Bruno")).link

        async def answer() -> None:
            await until(host, lambda: bool(host.contacts()), 120)
            for n in range(3):
                await host.send("Bruno", text=f"anne {n}", key=f"{n}")

        answered = asyncio.get_running_loop().create_task(answer())
        for kill_at in kills:
            killed += await worker(guest_home, link, shown, kill_at) != 0
        assert await worker(guest_home, link, shown, 0) == 0
        await answered
        conversation = host.contacts()[0].conversation
        got = [e for e in lines(host, conversation) if e.author is not None]
        assert [e.text for e in got if e.kind == "text"] == ["bruno 0", "bruno 1", "bruno 2"]
        await until(host, lambda: [e.state for e in lines(host, conversation) if e.document] == ["here"])
        missing = [e.notice for e in host.home.messages.history(conversation) if e.notice]
        assert not [n for n in missing if n["what"] in ("missing", "unreadable")]
        mine = [e for e in lines(host, conversation) if e.author is None]
        assert [e.text for e in mine] == ["anne 0", "anne 1", "anne 2"]
        await until(
            host,
            lambda: all(e.state in ("delivered", "read") for e in lines(host, conversation) if not e.author),
        )
    said = shown.read_text().splitlines()
    assert [line for line in said if not line.endswith(" again")] == [f"anne {n}" for n in range(3)] or (
        sorted({line.removesuffix(" again") for line in said}) == [f"anne {n}" for n in range(3)]
        and all(said.count(line) == 1 for line in said if not line.endswith(" again"))
    )
    return killed


async def test_killed_again_and_again_in_one_story(here: World, tmp_path: Path) -> None:
    assert await story(here, tmp_path / "one", (1, 2, 3, 5, 8, 11, 14, 18, 22, 30)) >= 8


@pytest.mark.long
@pytest.mark.timeout(3_600)
async def test_killed_at_every_step(here: World, tmp_path: Path) -> None:
    for step in range(1, 120):
        await story(here, tmp_path / f"step-{step}", (step,))


class RelayProcess:
    """A relay that can be killed, and started again on the same port and data."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._port = 0
        self.url = ""

    async def start(self) -> None:
        command = (sys.executable, "-m", "colloque.cli", "relay", "--data", str(self._data))
        listen = ("--listen", f"127.0.0.1:{self._port}", "--creation", "open")
        self._process = await asyncio.create_subprocess_exec(
            *command, *listen, stdout=asyncio.subprocess.PIPE
        )
        assert self._process.stdout is not None
        self.url = (await self._process.stdout.readline()).decode().split()[-1]
        self._port = int(self.url.rsplit(":", 1)[1])

    async def stop(self, number: signal.Signals) -> None:
        self._process.send_signal(number)
        await self._process.communicate()


async def test_the_relay_is_killed_and_comes_back_in_mid_flow(tmp_path: Path) -> None:
    relay = RelayProcess(tmp_path / "relay")
    await relay.start()
    for name in ("anne", "bruno"):
        await Client.create(tmp_path / name, relay=relay.url, profile=Profile(name), passphrase=PASSPHRASE)
    async with (
        Client.open(tmp_path / "anne", passphrase=PASSPHRASE) as anne,
        Client.open(tmp_path / "bruno", passphrase=PASSPHRASE) as bruno,
    ):
        conversation = await bruno.accept((await anne.invite("Bruno")).link)
        await until(bruno, lambda: bruno.contacts()[0].phase.value == "open")
        (tmp_path / "document.bin").write_bytes(os.urandom(9_000_000))
        for turn in range(4):
            await anne.send("Bruno", text=f"{turn} before", files=[tmp_path / "document.bin"])
            await asyncio.sleep(0.05 * turn)
            await relay.stop(signal.SIGKILL)
            await bruno.send(conversation, text=f"{turn} while it is away")
            await asyncio.sleep(0.3)
            await relay.start()
        mine = [e for e in lines(anne, conversation) if e.author is None]
        assert {e.state for e in await anne.wait_for(mine, "delivered", 60)} <= {"delivered", "read"}
        await until(anne, lambda: len([e for e in lines(anne, conversation) if e.author]) == 4, 60)
        for client, words in ((bruno, "before"), (anne, "while it is away")):
            came = [e.text for e in lines(client, conversation) if e.author and e.kind == "text"]
            assert came == [f"{turn} {words}" for turn in range(4)]
            told = [e.notice["what"] for e in client.home.messages.history(conversation) if e.notice]
            assert "missing" not in told
            assert "unreadable" not in told
    await relay.stop(signal.SIGTERM)
