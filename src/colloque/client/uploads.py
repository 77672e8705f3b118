"""A chunk from the spool to the relay."""

from __future__ import annotations

from typing import Final

from colloque.client.errands import sha256
from colloque.client.line import Lines
from colloque.store.client.home import Home
from colloque.store.client.spool import chunk_path
from colloque.wire.content.document import Document

CHUNK_SECONDS: Final = 30 * 86_400


async def put(home: Home, lines: Lines, of: tuple[bytes, bytes], document: Document, index: int) -> None:
    """`of`: conversation and message. The same again does no harm; raises `RelayError` and `OSError`."""
    conversation, _ = of
    hashes = sha256(document.read_capability(index)), sha256(document.delete_capability(index))
    path = chunk_path(home.spool.folder(*of), index)
    http, authority = lines.to(document.relay).http, home.talk_queue(conversation)
    await http.put_chunk(document.write_capability(index), authority, *hashes, CHUNK_SECONDS, path)
    home.database_step("chunk uploaded")
