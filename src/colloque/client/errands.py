"""Errands at relays: queues made and dropped, capabilities taken away, cards published, chunks deleted."""

from __future__ import annotations

import contextlib
import hashlib
from typing import Final

from colloque.client.line import Line, Lines
from colloque.client.relay.errors import NoQueue, Refused, Unreachable
from colloque.store.client import errands as stored
from colloque.store.client.home import Home
from colloque.store.client.queues import Stored
from colloque.wire.frames.commands import WriterSpec
from colloque.wire.sealed_card import seal_card

LENT_SECONDS: Final = 30 * 86_400


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


async def make_queue(home: Home, line: Line, wanted: Stored) -> None:
    """Making the same queue again does nothing, so that a crash in between does no harm."""
    queue = wanted.queue
    connection = await line.connection()
    writers = [WriterSpec(sha256(writer), wanted.quota) for writer in queue.writers]
    await connection.make_queue(queue.grant, sha256(queue.read), writers)
    home.database_step("queue made")
    home.queues.set_state(queue.id, "made")


async def drop_queue(home: Home, line: Line, unwanted: Stored) -> None:
    connection = await line.connection()
    with contextlib.suppress(NoQueue):
        await connection.drop_queue(unwanted.queue.read)
    home.database_step("queue dropped")
    home.queues.set_state(unwanted.queue.id, "gone")


async def run_errand(home: Home, lines: Lines, errand: stored.Errand) -> None:
    """Raises `Unreachable` where it must be tried again."""
    line = lines.to(errand.relay)
    try:
        await _KINDS[errand.kind](home, line, errand)
    except NoQueue:
        pass
    except Refused as refused:
        if refused.retry_after:
            raise
    home.database_step("errand run")
    with home.database.transaction():
        stored.done(home.database, errand.n)


async def _drop_writers(home: Home, line: Line, errand: stored.Errand) -> None:
    del home
    read, hashes = errand.arguments[:32], errand.arguments[32:]
    connection = await line.connection()
    await connection.drop_writers(read, [hashes[at : at + 32] for at in range(0, len(hashes), 32)])


async def _publish(home: Home, line: Line, errand: stored.Errand) -> None:
    publication = home.invitations.publication(errand.arguments, home.identity.token)
    if publication is None:
        return
    if home.invitations.waits(errand.arguments):
        raise Unreachable("its queue is not made yet: a hello would find none")
    seconds = max(60, publication.not_after - home.clock() // 1000)
    if publication.grant:
        connection = await line.connection()
        await connection.lend_grant(publication.token, sha256(publication.grant), 1, seconds)
        home.database_step("grant lent")
    sealed = seal_card(publication.link.seal_key, publication.body, home.random)
    locator = sha256(publication.link.locator)
    await line.http.put_card(publication.owner, locator, publication.token, seconds, sealed)
    home.invitations.ready(publication.id)


async def _lend(home: Home, line: Line, errand: stored.Errand) -> None:
    grant, queues = errand.arguments[:-2], int.from_bytes(errand.arguments[-2:], "big")
    connection = await line.connection()
    await connection.lend_grant(home.identity.token, sha256(grant), queues, LENT_SECONDS)


async def _delete_card(home: Home, line: Line, errand: stored.Errand) -> None:
    del home
    await line.http.delete_card(errand.arguments)


async def _delete_chunk(home: Home, line: Line, errand: stored.Errand) -> None:
    del home
    await line.http.delete_chunk(errand.arguments)


_KINDS = {
    "drop-writers": _drop_writers,
    "publish": _publish,
    "lend": _lend,
    "delete-card": _delete_card,
    "delete-chunk": _delete_chunk,
}
