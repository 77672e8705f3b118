"""Documents over lines that break, into homes that stop; sizes at the edges (`spec/wire.md` W30 to W33)."""

from __future__ import annotations

import asyncio
import hashlib
import os
import resource
from pathlib import Path
from typing import Any

import pytest

from colloque.client.client import Client
from colloque.client.relay.http import RelayHttp
from colloque.client.saving import save_document
from colloque.wire.profile import Profile
from tests.scenarios.tap import Tap
from tests.scenarios.world import PASSPHRASE, World, lines, until


class Breaking(Tap):
    """Cuts every line again and again."""

    async def cut(self, times: int, every: float) -> None:
        for _ in range(times):
            await asyncio.sleep(every)
            for writer in self._writers:
                writer.transport.abort()
            self._writers.clear()


def write_file(path: Path, size: int) -> bytes:
    """A file of that size, its SHA-256 returned; made a piece at a time."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        left = size
        while left:
            piece = os.urandom(min(left, 1 << 20))
            digest.update(piece)
            file.write(piece)
            left -= len(piece)
    return digest.digest()


def sha256_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


async def across(here: World, folder: Path, size: int, cuts: int, every: float, wait: float) -> None:
    async with Breaking(here.relay.url, keep=False) as tap:
        homes = []
        for name in ("anne", "bruno"):
            homes.append(folder / f"broken-{name}")
            await Client.create(homes[-1], relay=tap.url, profile=Profile(name), passphrase=PASSPHRASE)
        async with (
            Client.open(homes[0], passphrase=PASSPHRASE) as anne,
            Client.open(homes[1], passphrase=PASSPHRASE) as bruno,
        ):
            conversation = await bruno.accept((await anne.invite()).link)
            await until(bruno, lambda: bruno.contacts()[0].phase.value == "open")
            digest = write_file(folder / "large.bin", size)
            cutting = asyncio.get_running_loop().create_task(tap.cut(cuts, every))
            sent = await anne.send(conversation, files=[folder / "large.bin"])
            (folder / "large.bin").unlink()
            assert (await anne.wait_for(sent, "delivered", wait))[0].state in ("delivered", "read")
            await cutting
            saved = await asyncio.to_thread(
                save_document, bruno.home, lines(bruno, conversation)[0], folder / "saved"
            )
            assert sha256_of(saved) == digest
            chunks = here.folder / "relay" / "chunks"
            await until(bruno, lambda: not list(chunks.iterdir()))


async def test_over_a_line_that_breaks_again_and_again(here: World, tmp_path: Path) -> None:
    await across(here, tmp_path, 24_000_000, 8, 0.15, 90)


@pytest.mark.long
@pytest.mark.timeout(1_800)
async def test_one_gibibyte_over_a_line_that_breaks_in_constant_memory(here: World, tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    await across(here, tmp_path, 1 << 30, 30, 1.0, 1_500)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 300_000, f"{grown} KiB"


async def test_a_large_document_is_announced_before_it_is_up(here: World, tmp_path: Path) -> None:
    """W34: the reader knows of it, asks again for what is not there yet, and has it once it is; the sender is not told
    `accepted` before."""
    anne, bruno = await here.person("anne"), await here.person("bruno")
    conversation = await here.pair(anne, bruno, "Bruno")
    digest = write_file(tmp_path / "large.bin", 17_000_000)
    held = asyncio.Event()
    put = RelayHttp.put_chunk

    async def slowly(self: RelayHttp, *args: Any) -> None:
        await held.wait()
        await put(self, *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RelayHttp, "put_chunk", slowly)
        sent = await anne.send("bruno", files=[tmp_path / "large.bin"])
        await until(bruno, lambda: [e.state for e in lines(bruno, conversation)] == ["arriving"])
        await anne.send("bruno", text="It is large.")
        await until(bruno, lambda: any(e.text == "It is large." for e in lines(bruno, conversation)))
        assert (await anne.wait_for(sent, "accepted", 1.0))[0].state == "uploading"
        assert bruno.home.transfers.progress(conversation, sent[0].id) == 0
        held.set()
        assert (await anne.wait_for(sent, "delivered", 30))[0].state in ("delivered", "read")
    saved = save_document(bruno.home, lines(bruno, conversation)[0], tmp_path / "in")
    assert sha256_of(saved) == digest


async def test_a_retracted_document_leaves_the_relay(here: World, tmp_path: Path) -> None:
    anne, away = await here.person("anne"), await here.home("bruno")
    async with Client.open(away, passphrase=PASSPHRASE) as bruno:
        await here.pair(anne, bruno, "Bruno")
    write_file(tmp_path / "wrong.bin", 300_000)
    sent = await anne.send("bruno", files=[tmp_path / "wrong.bin"])
    assert (await anne.wait_for(sent, "accepted", 20))[0].state == "accepted"
    chunks = here.folder / "relay" / "chunks"
    assert list(chunks.iterdir())
    anne.retract(sent[0].id)
    await until(anne, lambda: not list(chunks.iterdir()))


async def test_sent_and_left_at_once(here: World, tmp_path: Path) -> None:
    """Whoever leaves has sent what they sent; the reader may come for it later (`spec/relay.md` R19)."""
    anne, away, conversation = await here.pair_away("bruno")
    digest = write_file(tmp_path / "last.bin", 3_000_000)
    await anne.send("bruno", text="Goodbye.", files=[tmp_path / "last.bin"])
    anne.leave(conversation)
    assert await anne.settle(20)
    bruno = await here.open(away)
    await until(bruno, lambda: [e.state for e in lines(bruno, conversation) if e.document] == ["here"])
    text, document = [e for e in lines(bruno, conversation) if e.author]
    assert text.text == "Goodbye."
    assert sha256_of(save_document(bruno.home, document, tmp_path / "in")) == digest


async def test_what_a_stop_left_of_documents_is_swept_away(here: World, tmp_path: Path) -> None:
    """In the folder where it was being saved, in the clear; and in the spool, where nothing stands for it any more."""
    anne, bruno = await here.person("anne"), await here.person("bruno")
    conversation = await here.pair(anne, bruno, "Bruno")
    write_file(tmp_path / "whole.bin", 100_000)
    sent = await anne.send("bruno", files=[tmp_path / "whole.bin"])
    assert (await anne.wait_for(sent, "delivered", 30))[0].state in ("delivered", "read")
    entry = lines(bruno, conversation)[0]
    out = tmp_path / "out"
    out.mkdir()
    for name in (".colloque-old", ".colloque-new", "other"):
        (out / name).write_bytes(b"a part")
    for name in (".colloque-old", "other"):
        os.utime(out / name, (0, 0))
    save_document(bruno.home, entry, out)
    assert sorted(path.name for path in out.iterdir()) == [".colloque-new", "other", "whole.bin"]

    spool = bruno.home.spool.folder(conversation, entry.id)
    os.utime(spool, (0, 0))
    bruno.home.transfers.sweep(bruno.home.clock())
    assert spool.is_dir()
    with bruno.home.database.transaction():
        bruno.home.database.execute("UPDATE message SET state = 'damaged' WHERE id = ?", entry.id)
    uploaded = anne.home.spool.make(conversation, entry.id)
    no_message = [anne.home.spool.make(conversation, os.urandom(16)) for _ in range(2)]
    os.utime(no_message[0], (0, 0))
    for end in (anne, bruno):
        end.home.transfers.sweep(end.home.clock())
    assert [folder.exists() for folder in (spool, uploaded, *no_message)] == [False, False, False, True]


@pytest.mark.parametrize("size", [0, 1, 65_520, 65_521, 1_048_560, 1_048_561])
async def test_sizes_at_the_edges(here: World, tmp_path: Path, size: int) -> None:
    anne, bruno = await here.person("anne"), await here.person("bruno")
    conversation = await here.pair(anne, bruno, "Bruno")
    digest = write_file(tmp_path / "edge.bin", size)
    sent = await anne.send("bruno", files=[tmp_path / "edge.bin"])
    assert (await anne.wait_for(sent, "delivered", 30))[0].state in ("delivered", "read")
    saved = save_document(bruno.home, lines(bruno, conversation)[0], tmp_path / "in")
    assert sha256_of(saved) == digest
    again = save_document(bruno.home, lines(bruno, conversation)[0], tmp_path / "in")
    assert again.name == "edge (2).bin"
