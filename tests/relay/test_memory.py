"""What a relay remembers of queues that are empty is bounded, and forgetting gives no position twice (R8)."""

from __future__ import annotations

from pathlib import Path

from tests.support.relays import Box, envelope, line, running, take


async def test_forgotten_queues_go_on_where_they_were(tmp_path: Path) -> None:
    async with running(tmp_path) as (server, session), line(server, session) as one:
        usage, boxes = server.core.database.usage, [await Box().make(one) for _ in range(4)]
        last = []
        for box in boxes:
            for _ in range(3):
                await one.send(box.write, envelope())
            last.append((await take(await one.read(box.read), 3))[-1])
        for box in boxes[:3]:
            await take(await one.read(box.read), 3, confirm=True)
        assert len(usage._boxes) == 4
        await server.core.database.run(lambda db: usage.let_go(db, keep=1))
        assert len(usage._boxes) == 1, "the one with mail in it is known"
        for box, before in zip(boxes, last, strict=True):
            await one.send(box.write, envelope())
            reading = await one.read(box.read)
            new = (await take(reading, reading.waiting))[-1]
            assert new.position.incarnation == before.position.incarnation
            assert new.position.sequence == before.position.sequence + 1


async def test_what_expired_unread_is_not_forgotten(tmp_path: Path) -> None:
    """Its sequence stands nowhere but in memory."""
    async with running(tmp_path) as (server, session), line(server, session) as one:
        database, box = server.core.database, await Box().make(one)
        await one.send(box.write, envelope())
        (gone,) = await take(await one.read(box.read), 1)
        rows = await database.run(
            lambda db: db.execute("DELETE FROM message RETURNING queue, writer").fetchall()
        )
        await database.run(lambda _: database.usage.remove((q, bytes(w)) for q, w in rows))
        await database.run(lambda db: database.usage.let_go(db, keep=0))
        await one.send(box.write, envelope())
        (new,) = await take(await one.read(box.read), 1)
        assert new.position > gone.position
