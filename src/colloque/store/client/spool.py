"""A home's spool: documents as sealed chunks, one file each, until they are at the relay or for as long as they are kept.

Nothing here touches the database: all of it may run in a thread.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import BinaryIO, Final

from colloque.store.client.chunking import Opener, Sealer
from colloque.store.client.disk import forget, sync_folder
from colloque.store.client.few import Few
from colloque.store.client.out import Out
from colloque.store.step import Step, no_step
from colloque.wire.codec import WireError
from colloque.wire.content.document import Document

FOLDER: Final = "spool"
SEALERS: Final = 2


class Spool:
    def __init__(self, home: Path, step: Step = no_step) -> None:
        self._root = home / FOLDER
        self._step = step

    def folder(self, conversation: bytes, message: bytes) -> Path:
        return self._root / f"{conversation.hex()[:16]}-{message.hex()}"

    def folders(self) -> list[Path]:
        return list(self._root.iterdir()) if self._root.is_dir() else []

    def make(self, conversation: bytes, message: bytes) -> Path:
        folder = self.folder(conversation, message)
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            sync_folder(self._root)
            self._step("spool folder made")
        return folder

    def drop(self, conversation: bytes, message: bytes) -> None:
        self.remove(self.folder(conversation, message))

    def remove(self, folder: Path) -> None:
        if folder.is_dir():
            shutil.rmtree(folder, ignore_errors=True)
            self._step("spool emptied")

    def seal(
        self,
        conversation: bytes,
        message: bytes,
        document: Document,
        file: BinaryIO,
        told: Callable[[int], None] = lambda _: None,
    ) -> Document:
        """The content, read once from `file`, in sealed and synced chunks; with its hash. `told` each chunk's number, in any
        order and from any thread, as soon as it lies here.

        Raises `WireError` where it is not as large as it was said to be, and `OSError`; then nothing of it is left.
        """
        self.drop(conversation, message)
        folder, digest = self.make(conversation, message), hashlib.sha256()
        try:
            sealers = cycle([Sealer(document) for _ in range(SEALERS + 1)])
            with Few(SEALERS) as threads:
                for index in range(document.chunks):
                    sealer = next(sealers)
                    sealer.read(file, index)
                    threads.do(self._seal, sealer, folder, index, told)
                    digest.update(sealer.piece)
                if file.read(1):
                    raise WireError("the file changed while it was read")
        except BaseException:
            self.drop(conversation, message)
            raise
        sync_folder(folder)
        self._step("document sealed")
        return replace(document, sha256=digest.digest())

    def _seal(self, sealer: Sealer, folder: Path, index: int, told: Callable[[int], None]) -> None:
        with chunk_path(folder, index).open("wb") as file:
            file.write(sealer.seal())
            file.flush()
            self._step("chunk written")
            os.fsync(file.fileno())
            forget(file.fileno())
        self._step("chunk sealed")
        told(index)

    def drop_chunks(self, folder: Path, before: int) -> None:
        for path in folder.iterdir():
            if path.name.isdecimal() and int(path.name) < before:
                path.unlink(missing_ok=True)
                self._step("chunk dropped")

    def keep_chunk(self, folder: Path, index: int, sealed: memoryview) -> None:
        """Puts a chunk that came on the disk, under its name; `keep_names` puts the name there."""
        part = chunk_path(folder, index).with_suffix(".part")
        with part.open("wb", buffering=0) as file:
            _write(file, sealed)
            self._step("chunk came")
            os.fsync(file.fileno())
            forget(file.fileno())
        os.replace(part, chunk_path(folder, index))
        self._step("chunk in place")

    def keep_names(self, folder: Path) -> None:
        sync_folder(folder)
        self._step("chunks kept")

    def save(self, conversation: bytes, message: bytes, document: Document, out: BinaryIO) -> None:
        """Writes the content out and syncs it; raises `WireError`, and then what was written is to be thrown away. The
        whole was checked when it arrived, and every chunk is authentic by its key."""
        folder, opener = self.folder(conversation, message), Opener(document)
        with Out(out) as to:
            for index in range(document.chunks):
                to.write(_open(opener, folder, index))
        out.flush()
        os.fsync(out.fileno())


class Pieces:
    """A document's content, piece by piece, for whoever passes it on: `next` may run in a thread."""

    def __init__(self, spool: Spool, conversation: bytes, message: bytes, document: Document) -> None:
        self._folder = spool.folder(conversation, message)
        self._document = document
        self._opener = Opener(document)
        self._next = 0

    def next(self) -> bytes:
        """Empty at the end; raises `WireError` where a chunk is missing or was changed."""
        if self._next >= self._document.chunks:
            return b""
        piece = _open(self._opener, self._folder, self._next)
        self._next += 1
        return bytes(piece)


class Check:
    """The hash of a document, taken while its chunks still come. One call at a time; each may run in a thread.

    `out`: where its content is written on the way; `written` says whether that went well.
    """

    def __init__(self, folder: Path, document: Document, out: BinaryIO | None = None) -> None:
        self._out = None if out is None else Out(out)
        self._folder = folder
        self._document = document
        self._opener = Opener(document)
        self._next = 0
        self._digest = hashlib.sha256()

    def run(self, done: int) -> None:
        """Takes in the chunks before number `done`; raises `WireError` where one is missing or was changed."""
        while self._next < done:
            self._take(_open(self._opener, self._folder, self._next))

    def take(self, sealed: memoryview) -> None:
        """Takes in the next chunk from memory; raises `WireError` where it was changed."""
        self._take(self._opener.open(sealed, self._next))

    @property
    def written(self) -> bool:
        return self._out is not None

    def _take(self, piece: memoryview) -> None:
        self._digest.update(piece)
        self._next += 1
        if self._out is not None:
            try:
                self._out.write(piece)
            except OSError:
                # That disk may be full, or gone: the document comes nevertheless.
                self.close()
                self._out = None

    def end(self) -> None:
        """Raises `WireError` where it is not the document that was sent."""
        self.run(self._document.chunks)
        if self._digest.digest() != self._document.sha256:
            raise WireError("the document is not the one that was sent")

    def close(self) -> None:
        """Nothing is written afterwards."""
        if self._out is not None:
            try:
                self._out.close()
            except OSError:
                self._out = None


def chunk_path(folder: Path, index: int) -> Path:
    return folder / f"{index:06d}"


def _open(opener: Opener, folder: Path, index: int) -> memoryview:
    try:
        with chunk_path(folder, index).open("rb", buffering=0) as file:
            return opener.read(file, index)
    except OSError:
        raise WireError("a chunk of this document is missing here") from None


def _write(file: BinaryIO, data: memoryview) -> None:
    """All of it: a write past every buffer may take less."""
    while data:
        data = data[file.write(data) :]
