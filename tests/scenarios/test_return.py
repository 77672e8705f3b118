"""Backups, rollbacks, and coming back (`spec/sessions.md` S31 to S34)."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from colloque.client.client import Client, now_ms
from colloque.store.client.home import Home
from colloque.store.client.vault import Locked
from colloque.wire.codec import WireError
from tests.scenarios.world import PASSPHRASE, World, lines, notices, texts, until


def restore(folder: Path, backup: Path) -> Path:
    Home.restore(folder, backup, PASSPHRASE, PASSPHRASE, random=os.urandom, clock=now_ms).close()
    return folder


@pytest.mark.parametrize("who", ["host", "guest"])
async def test_after_a_restore_it_comes_back_once_the_other_says_yes(
    here: World, tmp_path: Path, who: str
) -> None:
    lost_home = await here.home("lost")
    kept = await here.person("kept")
    async with Client.open(lost_home, passphrase=PASSPHRASE) as lost:
        pair = (lost, kept, "kept") if who == "host" else (kept, lost, "lost")
        conversation = await here.pair(*pair)
        await lost.send(conversation, text="before the backup")
        assert await texts(kept, 1) == ["before the backup"]
        await lost.settle(10)
        lost.home.backup(tmp_path / "backup", PASSPHRASE)
        sent = await kept.send(conversation, text="seen by the lost device only")
        await kept.wait_for(sent, "delivered", 20)
        await lost.settle(10)
    await kept.send(conversation, text="under way")
    await kept.settle(10)
    back = await here.open(restore(tmp_path / "new", tmp_path / "backup"))
    assert [e.text for e in lines(back, conversation)] == ["before the backup"]
    await until(kept, lambda: kept.contacts()[0].phase.value == "returning")
    with pytest.raises(WireError):
        back.let_back(conversation)
    waiting = await back.send(conversation, text="written while lost")
    kept.let_back(conversation)
    await until(back, lambda: back.contacts()[0].phase.value == "open")
    assert (await back.wait_for(waiting, "delivered", 20))[0].state == "delivered"
    assert "under way" in await texts(back, 1)
    assert await texts(kept, 1) == ["written while lost"]
    told = [e.notice for e in back.home.messages.history(conversation) if e.notice]
    assert [(n["count"], n["first"]) for n in told if n["what"] == "missing"] == [(1, 1)]
    assert kept.safety_number(kept.contacts()[0]) == back.safety_number(back.contacts()[0])


async def test_what_a_restored_host_had_written_since_is_listed(here: World, tmp_path: Path) -> None:
    """S34: the other end tells how far it has come; what is written next is numbered behind it."""
    lost_home, kept = await here.home("lost"), await here.person("kept")
    async with Client.open(lost_home, passphrase=PASSPHRASE) as lost:
        conversation = await here.pair(lost, kept, "kept")
        await lost.send(conversation, text="before")
        assert await texts(kept, 1) == ["before"]
        await lost.settle(10)
        lost.home.backup(tmp_path / "backup", PASSPHRASE)
        for n in range(2):
            await lost.send(conversation, text=f"since {n}")
        assert await texts(kept, 2) == ["since 0", "since 1"]
        await kept.send(conversation, text="noted")
        assert await texts(lost, 1) == ["noted"]
        await lost.settle(10)
    back = await here.open(restore(tmp_path / "new", tmp_path / "backup"))
    await until(kept, lambda: kept.contacts()[0].phase.value == "returning")
    kept.let_back(conversation)
    await until(back, lambda: back.contacts()[0].phase.value == "open")
    told = [e.notice for e in back.home.messages.history(conversation) if e.notice]
    assert [(n["count"], n["first"]) for n in told if n["what"] == "lost-own"] == [(2, 2)]
    await back.send(conversation, text="and on")
    assert await texts(kept, 1) == ["and on"]
    assert not [n for n in await notices(kept) if n == "missing"]


async def test_a_copied_home_is_found_out_and_does_not_send_with_old_keys(
    here: World, tmp_path: Path
) -> None:
    home = await here.home("anne")
    bruno = await here.person("bruno")
    async with Client.open(home, passphrase=PASSPHRASE) as anne:
        conversation = await here.pair(anne, bruno, "Bruno")
        await bruno.send(conversation, text="one")
        assert await texts(anne, 1) == ["one"]
        await anne.settle(10)
    shutil.copytree(home, tmp_path / "copy")
    async with Client.open(home, passphrase=PASSPHRASE) as anne:
        await bruno.send(conversation, text="two")
        assert await texts(anne, 1) == ["two"]
        await anne.settle(10)
    copy = await here.open(tmp_path / "copy")
    await until(copy, lambda: copy.contacts()[0].phase.value == "lost")
    await until(bruno, lambda: bruno.contacts()[0].phase.value == "returning")
    bruno.let_back(conversation)
    await until(copy, lambda: copy.contacts()[0].phase.value == "open")
    await copy.send(conversation, text="back")
    assert await texts(bruno, 1) == ["back"]


async def test_a_backup_wants_its_passphrase_and_holds_no_ratchet(here: World, tmp_path: Path) -> None:
    anne, bruno = await here.person("anne"), await here.person("bruno")
    conversation = await here.pair(anne, bruno, "Bruno")
    anne.home.backup(tmp_path / "backup", PASSPHRASE)
    with pytest.raises(Locked):
        Home.restore(tmp_path / "x", tmp_path / "backup", "wrong", "y", random=os.urandom, clock=now_ms)
    assert not (tmp_path / "x" / "colloque.db").exists()
    damaged = bytearray((tmp_path / "backup").read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (tmp_path / "damaged").write_bytes(damaged)
    with pytest.raises(Locked, match="damaged"):
        Home.restore(tmp_path / "z", tmp_path / "damaged", PASSPHRASE, "y", random=os.urandom, clock=now_ms)
    home = Home.open(
        restore(tmp_path / "new", tmp_path / "backup"), PASSPHRASE, random=os.urandom, clock=now_ms
    )
    talk = home.talks.load(conversation)
    assert talk is not None
    assert talk.groups == ()
    home.close()
    assert await notices(bruno) != []
