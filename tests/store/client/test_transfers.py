"""Documents on their way, as the home keeps them (`spec/sessions.md` S17, S24; `spec/wire.md` W30 to W33)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from colloque.store.client import errands
from colloque.store.client.chunking import described
from colloque.store.client.spool import Check, chunk_path
from colloque.store.client.transfers import EARLY_MS, STRAY_MS, Transfer
from colloque.wire.codec import WireError
from colloque.wire.content.document import Document
from tests.protocol.session.ends import End, World
from tests.store.client.test_time import pair
from tests.support.documents import sealed


def written(end: End, conversation: bytes, path: Path, size: int) -> tuple[bytes, Document]:
    """A document of mine in line, its chunks in the spool."""
    path.write_bytes(os.urandom(size))
    home, ident = end.home, end.home.random(16)
    document = sealed(home, conversation, ident, path)
    home.messages.write(home.context(), conversation, ident, document, None)
    return ident, document


def due(end: End) -> Transfer:
    (transfer,) = end.home.transfers.due(end.now())
    return transfer


def carried(sender: End, reader: End) -> Transfer:
    """The chunks, taken from the sender's spool into the reader's, as the relay would."""
    up = due(sender)
    pieces = [
        chunk_path(sender.home.spool.folder(up.conversation, up.message), n)
        for n in range(up.document.chunks)
    ]
    data = [piece.read_bytes() for piece in pieces]
    sender.home.transfers.uploaded(up)
    sender.home.spool.drop(up.conversation, up.message)
    sender.world.calm()
    down = due(reader)
    folder = reader.home.spool.make(down.conversation, down.message)
    for n, piece in enumerate(data):
        reader.home.spool.keep_chunk(folder, n, memoryview(piece))
    reader.home.spool.keep_names(folder)
    return down


def chunk_errands(end: End) -> list[bytes]:
    return [
        e.arguments
        for e in errands.due(end.home.database, end.now(), end.home.identity.relay)
        if e.kind == "delete-chunk"
    ]


def test_a_document_across_and_what_was_written_behind_it_waits(world: World, tmp_path: Path) -> None:
    """S17: it is described once its chunks are through; told as delivered once it is here whole; then its chunks go."""
    anne, bruno, conversation = pair(world)
    ident, document = written(anne, conversation, tmp_path / "a.pdf", 2_500_000)
    anne.write(conversation, "behind it")
    world.calm()
    assert bruno.home.messages.history(conversation)[1:] == []
    assert anne.home.transfers.progress(conversation, ident) == 0
    assert anne.home.transfers.advance(due(anne), document.chunks - 1)
    assert anne.home.transfers.progress(conversation, ident) == document.chunks - 1
    down = carried(anne, bruno)
    assert bruno.texts_of(conversation, anne.key) == ["behind it"]
    entry = anne.home.messages.get(ident)
    assert entry is not None
    assert entry.state == "accepted"
    assert bruno.home.transfers.arriving(bruno.now())
    folder = bruno.home.spool.folder(down.conversation, down.message)
    Check(folder, down.document).end()
    bruno.home.transfers.arrived(bruno.home.context(), down)
    assert not bruno.home.transfers.arriving(bruno.now())
    assert chunk_errands(bruno) == [document.delete_capability(n) for n in range(document.chunks)]
    world.calm()
    entry = anne.home.messages.get(ident)
    assert entry is not None
    assert entry.state == "delivered"
    with (tmp_path / "out").open("wb") as out:
        bruno.home.spool.save(conversation, ident, down.document, out)
    assert (tmp_path / "out").read_bytes() == (tmp_path / "a.pdf").read_bytes()


def test_a_document_that_is_damaged_is_said_and_not_told_as_delivered(world: World, tmp_path: Path) -> None:
    """W33"""
    anne, bruno, conversation = pair(world)
    ident, _ = written(anne, conversation, tmp_path / "a.pdf", 2_500_000)
    down = carried(anne, bruno)
    path = chunk_path(bruno.home.spool.folder(conversation, ident), 1)
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(WireError):
        Check(path.parent, down.document).end()
    bruno.home.transfers.damaged(down)
    world.calm()
    assert [e.state for e in bruno.home.messages.unshown(bruno.now()) if e.kind == "file"] == ["damaged"]
    entry = anne.home.messages.get(ident)
    assert entry is not None
    assert entry.state == "accepted"
    assert chunk_errands(bruno) == []


def test_another_document_of_the_same_size_is_not_taken(world: World, tmp_path: Path) -> None:
    """W33: every chunk is authentic, and yet the whole is not what was described."""
    anne = world.person("anne")
    home = anne.home
    (tmp_path / "a").write_bytes(b"a" * 100)
    document = sealed(home, bytes(16), bytes(16), tmp_path / "a")
    folder = home.spool.folder(bytes(16), bytes(16))
    Check(folder, document).end()
    with pytest.raises(WireError, match="not the one"):
        Check(
            folder,
            type(document)(**{f: getattr(document, f) for f in document.__slots__} | {"sha256": bytes(32)}),
        ).end()


def test_what_was_taken_back_is_not_counted_and_its_chunks_are_deleted(world: World, tmp_path: Path) -> None:
    anne, _, conversation = pair(world)
    ident, document = written(anne, conversation, tmp_path / "a.pdf", 2_500_000)
    up = due(anne)
    anne.home.messages.retract(anne.home.context(), ident)
    assert anne.home.transfers.advance(up, 1) is False
    assert anne.home.transfers.due(anne.now()) == []
    every = [document.delete_capability(n) for n in range(document.chunks)]
    assert chunk_errands(anne) == every
    anne.home.transfers.unwanted(up)
    assert chunk_errands(anne) == every + every


def test_a_transfer_that_broke_is_tried_later(world: World, tmp_path: Path) -> None:
    anne, _, conversation = pair(world)
    written(anne, conversation, tmp_path / "a.pdf", 1_000)
    up = due(anne)
    anne.home.transfers.later(up, anne.now() + 500)
    assert anne.home.transfers.due(anne.now()) == []
    world.now += 500
    assert due(anne).tries == 1
    anne.home.transfers.advance(up, 0)
    assert due(anne).tries == 0


def test_the_spool_is_swept_of_strays_alone(world: World, tmp_path: Path) -> None:
    """What nothing stands for goes, but not what another program is just putting there."""
    anne, _, conversation = pair(world)
    ident, _ = written(anne, conversation, tmp_path / "a.pdf", 1_000)
    kept, stray = anne.home.spool.folder(conversation, ident), anne.home.spool.make(conversation, b"s" * 16)
    made = int(stray.stat().st_mtime * 1000)
    anne.home.transfers.sweep(made + STRAY_MS - 1_000)
    assert sorted(anne.home.spool.folders()) == sorted([kept, stray])
    anne.home.transfers.sweep(made + STRAY_MS + 1_000)
    assert anne.home.spool.folders() == [kept]


@pytest.mark.parametrize("said", [999, 1_001])
def test_a_file_that_changed_meanwhile_leaves_nothing(world: World, tmp_path: Path, said: int) -> None:
    home = world.person("anne").home
    document = described(home.context(), home.identity.relay, said, "x", "text/plain")
    (tmp_path / "x").write_bytes(bytes(1_000))
    with (tmp_path / "x").open("rb") as file, pytest.raises(WireError, match="changed"):
        home.spool.seal(bytes(16), bytes(16), document, file)
    assert home.spool.folders() == []


def test_chunks_that_went_ahead_of_their_message(world: World, tmp_path: Path) -> None:
    """W34: where the message is never kept they are deleted: at once where that is known, otherwise in time."""
    anne, _, conversation = pair(world)
    home = anne.home
    (tmp_path / "a").write_bytes(bytes(3_000_000))
    kept, lost, given_up = (home.random(16) for _ in range(3))
    documents = {ident: sealed(home, conversation, ident, tmp_path / "a") for ident in (kept, lost, given_up)}
    for ident, document in documents.items():
        home.transfers.early(home.context(), document, ident)
    assert chunk_errands(anne) == []
    home.messages.write(home.context(), conversation, kept, documents[kept], None)
    home.transfers.never(given_up)

    def all_of(ident: bytes) -> list[bytes]:
        return [documents[ident].delete_capability(n) for n in range(documents[ident].chunks)]

    assert chunk_errands(anne) == all_of(given_up)
    world.now += EARLY_MS
    assert chunk_errands(anne) == all_of(lost) + all_of(given_up)


def test_chunks_that_are_through_go_from_the_spool(world: World, tmp_path: Path) -> None:
    anne, _, conversation = pair(world)
    ident, document = written(anne, conversation, tmp_path / "a.pdf", 2_500_000)
    folder = anne.home.spool.folder(conversation, ident)
    (folder / "other").write_bytes(b"")
    anne.home.spool.drop_chunks(folder, 2)
    assert sorted(p.name for p in folder.iterdir()) == [f"{n:06d}" for n in range(2, document.chunks)] + [
        "other"
    ]
