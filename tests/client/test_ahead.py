"""Documents that are written out while they still come (`spec/wire.md` W33)."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest

from colloque.client.ahead import KEPT, UNFINISHED, Ahead, unfinished
from colloque.client.client import Client
from colloque.store.client.messages import Entry
from colloque.store.client.spool import Check
from tests.protocol.session.ends import World
from tests.scenarios.conftest import here
from tests.scenarios.world import PASSPHRASE, lines, until
from tests.scenarios.world import World as Here
from tests.support.documents import sealed

__all__ = ["here"]
CONTENT = os.urandom(300_000)


async def _arrived(here: Here, folder: Path, out: Path) -> tuple[Client, Client, Entry]:
    anne, bruno = await here.person("anne"), await here.person("bruno")
    pair = await here.pair(anne, bruno, "bruno")
    bruno.save_ahead(out)
    path = folder / "result.pdf"
    path.write_bytes(CONTENT)
    await anne.send(pair, files=[path])
    await bruno.until(lambda: any(e.document and e.state == "here" for e in lines(bruno, pair)), 20)
    (entry,) = [e for e in lines(bruno, pair) if e.document]
    return anne, bruno, entry


async def test_what_was_written_on_the_way_is_what_is_saved(here: Here, tmp_path: Path) -> None:
    """It is not read from the spool again, and a second time it is."""
    out = tmp_path / "out"
    _, bruno, entry = await _arrived(here, tmp_path, out)
    (hidden,) = out.iterdir()
    assert hidden.name.startswith(UNFINISHED)
    assert hidden.stat().st_mode & 0o077 == 0
    node = hidden.stat().st_ino
    saved = bruno.save(entry, out)
    assert (saved.name, saved.stat().st_ino, saved.read_bytes()) == ("result.pdf", node, CONTENT)
    again = bruno.save(entry, out)
    assert (again.name, again.read_bytes()) == ("result (2).pdf", CONTENT)
    assert sorted(p.name for p in out.iterdir()) == ["result (2).pdf", "result.pdf"]


async def test_a_file_that_somebody_put_in_its_place_is_not_taken(here: Here, tmp_path: Path) -> None:
    out = tmp_path / "out"
    _, bruno, entry = await _arrived(here, tmp_path, out)
    (hidden,) = out.iterdir()
    hidden.unlink()
    hidden.write_bytes(b"something else")
    assert bruno.save(entry, out).read_bytes() == CONTENT
    assert [p.name for p in out.iterdir()] == ["result.pdf"]


async def test_another_folder_gets_its_own_and_nothing_is_left_behind(here: Here, tmp_path: Path) -> None:
    _, bruno, entry = await _arrived(here, tmp_path, tmp_path / "out")
    assert bruno.save(entry, tmp_path / "elsewhere").read_bytes() == CONTENT
    assert list((tmp_path / "out").iterdir()) == []


async def test_where_nothing_can_be_written_the_document_comes_nevertheless(
    here: Here, tmp_path: Path
) -> None:
    (tmp_path / "out").write_bytes(b"a file where a folder should be")
    _, bruno, entry = await _arrived(here, tmp_path, tmp_path / "out")
    assert entry.state == "here"
    assert bruno.save(entry, tmp_path / "elsewhere").read_bytes() == CONTENT


@pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="a disk that is full: only where the system has one"
)
def test_a_disk_that_fills_up_does_not_stop_what_comes(tmp_path: Path) -> None:
    path = tmp_path / "result.pdf"
    path.write_bytes(CONTENT)
    end = World(tmp_path / "world").person("anne")
    document = sealed(end.home, b"c" * 16, b"m" * 16, path)
    with Path("/dev/full").open("wb", buffering=0) as full:
        check = Check(end.home.spool.folder(b"c" * 16, b"m" * 16), document, full)
        check.run(document.chunks)
        check.end()
        assert not check.written
    end.world.close()


def test_few_lie_ready_and_none_outlives_its_program(tmp_path: Path) -> None:
    end = World(tmp_path / "world").person("anne")
    out = tmp_path / "out"
    ahead = Ahead(end.home)
    assert ahead.begin((b"c", b"0")) is None
    ahead.folder = out
    for n in range(KEPT + 3):
        file = ahead.begin((b"c", bytes([n])))
        assert file is not None
        file.write(b"x")
        ahead.whole((b"c", bytes([n])))
    assert ahead.begin((b"c", b"coming")) is not None
    assert len(list(out.iterdir())) == KEPT + 1
    assert ahead.take((b"c", b"\0"), out) is None
    kept = ahead.take((b"c", bytes([KEPT])), out)
    assert kept is not None
    kept.drop()
    ahead.close()
    assert list(out.iterdir()) == []
    end.world.close()


async def test_what_is_retracted_before_it_is_saved_leaves_no_file(here: Here, tmp_path: Path) -> None:
    """It lay there whole; nobody asks for it any more."""
    out = tmp_path / "out"
    anne, bruno, entry = await _arrived(here, tmp_path, out)
    assert len(list(out.iterdir())) == 1
    anne.retract(entry.id)
    await until(bruno, lambda: bruno.home.messages.is_retracted(entry.conversation, entry.id))
    await until(bruno, lambda: not list(out.iterdir()))


async def test_what_is_retracted_while_it_comes_leaves_no_file(here: Here, tmp_path: Path) -> None:
    """Its chunks come no further, either."""
    out = tmp_path / "out"
    anne, bruno = await here.person("anne"), await here.person("bruno")
    pair = await here.pair(anne, bruno, "bruno")
    bruno.save_ahead(out)
    arrived = asyncio.Event()
    keep = bruno.home.spool.keep_chunk

    def slowly(folder: Path, index: int, sealed: memoryview) -> None:
        asyncio.run_coroutine_threadsafe(_set(arrived), loop)
        time.sleep(0.5)
        keep(folder, index, sealed)

    loop = asyncio.get_running_loop()
    bruno.home.spool.keep_chunk = slowly  # type: ignore[method-assign]
    path = tmp_path / "result.pdf"
    path.write_bytes(os.urandom(40_000_000))
    (sent,) = await anne.send(pair, files=[path])
    await arrived.wait()
    assert len(list(out.iterdir())) == 1
    anne.retract(sent.id)
    await until(bruno, lambda: bruno.home.messages.is_retracted(pair, sent.id))
    await until(bruno, lambda: not list(out.iterdir()), 2.0)


async def _set(event: asyncio.Event) -> None:
    event.set()


async def test_what_a_killed_program_left_goes_when_the_home_is_opened_again(
    here: Here, tmp_path: Path
) -> None:
    """Of this home alone; what another program is just writing there stays."""
    out = tmp_path / "out"
    _, bruno, _ = await _arrived(here, tmp_path, out)
    (hidden,) = out.iterdir()
    await bruno._stop()
    assert list(out.iterdir()) == []
    hidden.write_bytes(b"left by a program that was killed")
    other = unfinished(out)
    async with Client.open(bruno.home.folder, passphrase=PASSPHRASE) as again:
        await until(again, lambda: list(out.iterdir()) == [other.path])
    other.drop()
