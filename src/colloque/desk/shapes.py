"""What the page is given: people, conversations and messages as JSON. Times in milliseconds, ids and keys in hexadecimal."""

from __future__ import annotations

from typing import Any

from colloque.client.client import Client
from colloque.store.client.inbox import Line, Person
from colloque.store.client.messages import Entry
from colloque.store.client.newcomers import Newcomer
from colloque.wire.profile import Profile

Shape = dict[str, Any]


def _stated(key: bytes, profile: Profile) -> Shape:
    return {
        "key": key.hex(),
        "name": profile.name,
        "profession": profile.profession,
        "rpps": profile.rpps,
    }


def person(one: Person) -> Shape:
    return {
        **_stated(one.key, one.profile),
        "verified": one.verified,
        "blocked": one.blocked,
        "here": one.here,
    }


def inbox(client: Client) -> list[Shape]:
    """Every conversation, what moved last first."""
    # A public key costs a multiplication: once, not for each of hundreds.
    me = client.home.identity.key
    return [_conversation(client, line, me) for line in client.home.inbox.lines()]


def _conversation(client: Client, line: Line, me: bytes) -> Shape:
    return {
        "id": line.conversation.hex(),
        "short": line.short,
        "name": line.name,
        "phase": line.phase.value,
        "pair": line.pair,
        "host": line.host.hex(),
        "secondHost": line.second_host.hex() or None,
        "mine": line.host == me,
        "people": [person(one) for one in line.people],
        "unread": line.unread,
        "last": None if line.last is None else entry(client, line.last),
        "late": line.late,
        "asking": [key.hex() for key in line.asking],
    }


def entry(client: Client, one: Entry) -> Shape:
    """`author` is null for mine. A document's `done` counts the bytes that are through, up or down."""
    shape: Shape = {
        "id": one.id.hex(),
        "conversation": one.conversation.hex(),
        "author": None if one.author is None else one.author.hex(),
        "kind": one.kind,
        "text": one.text,
        "state": one.state,
        "late": one.overdue,
        "sentAt": one.sent_at,
        "cameAt": one.came_at,
    }
    if one.document is not None:
        document = one.document
        through = client.home.transfers.progress(one.conversation, one.id)
        done = document.size if through is None else min(document.size, through * document.chunk_room)
        shape["document"] = {
            "name": document.name,
            "mediaType": document.media_type,
            "size": document.size,
            "done": done,
        }
    if one.notice is not None:
        shape["notice"] = one.notice
    return shape


def newcomer(one: Newcomer) -> Shape:
    return {
        **_stated(one.key, one.profile),
        "words": one.words,
        "cameAt": one.came_at,
        "blocked": one.blocked,
        "looksKnown": one.looks_known,
    }
