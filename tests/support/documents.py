"""A file's chunks, sealed into a home's spool."""

from __future__ import annotations

from pathlib import Path

from colloque.store.client.chunking import described
from colloque.store.client.home import Home
from colloque.wire.content.document import Document


def sealed(home: Home, conversation: bytes, message: bytes, path: Path, name: str = "") -> Document:
    size, relay = path.stat().st_size, home.identity.relay
    document = described(home.context(), relay, size, name or path.name, "application/pdf")
    with path.open("rb") as file:
        return home.spool.seal(conversation, message, document, file)
