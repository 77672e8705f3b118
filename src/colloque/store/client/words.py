"""What of a message can be searched for: its text, or its document's name. Called by the database's own triggers."""

from __future__ import annotations

from colloque.wire.codec import WireError
from colloque.wire.content.content import Content
from colloque.wire.content.document import Document
from colloque.wire.content.text import Text


def words_of(body: bytes) -> str:
    """Nothing where there is nothing to find: a message that was retracted has no words."""
    try:
        found = Content.decode(bytes(body)).body
    except WireError:
        return ""
    if isinstance(found, Text):
        return found.text
    return found.name if isinstance(found, Document) else ""
