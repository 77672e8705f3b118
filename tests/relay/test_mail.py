"""Queues over real sockets (`spec/relay.md` R10 to R18)."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import aiohttp
import pytest

from colloque.client.relay.connection import Connection
from colloque.client.relay.errors import Full, GrantRefused, NoQueue, Refused, TakenOver, Unreachable
from colloque.store.relay import grants
from colloque.wire.frames.answers import Code
from colloque.wire.frames.commands import WriterSpec
from colloque.wire.frames.position import Position
from tests.support.relays import Box, Program, digest, envelope, http, line, running, take


async def test_in_order_by_both_ways_and_gone_once_confirmed(tmp_path: Path) -> None:
    """R11, R13, R15: what came by HTTP and by WebSocket is one order, also while it is being read."""
    async with running(tmp_path) as (server, session), line(server, session) as one:
        box = await Box().make(one)
        sent = [envelope() for _ in range(150)]
        reading = await one.read(box.read)

        async def send() -> None:
            for number, piece in enumerate(sent):
                await (http(server, session).send_once if number % 3 else one.send)(box.write, piece)

        task = asyncio.create_task(send())
        found = await take(reading, len(sent), confirm=True)
        await task
        assert [d.envelope for d in found] == sent
        assert [d.position for d in found] == sorted({d.position for d in found})
        assert (await one.read(box.read)).waiting == 0


async def test_many_senders_at_once_lose_nothing(tmp_path: Path) -> None:
    """R13: handed out in the order of commits, whoever sent it and how; a gap would be confirmed away."""
    async with running(tmp_path) as (server, session), line(server, session) as one:
        box = await Box().make(one)
        reading = await one.read(box.read)
        sent = [envelope() for _ in range(300)]
        plain = http(server, session)
        ways = [one.send, plain.send_once]
        tasks = [asyncio.create_task(ways[n % 2](box.write, e)) for n, e in enumerate(sent)]
        found = await take(reading, len(sent), confirm=True)
        await asyncio.gather(*tasks)
        assert sorted(d.envelope for d in found) == sorted(sent)
        positions = [d.position for d in found]
        assert positions == sorted(set(positions))


async def test_confirming_beyond_below_and_again(tmp_path: Path) -> None:
    """R15"""
    async with running(tmp_path) as (server, session), line(server, session) as one:
        box = await Box().make(one)
        for _ in range(3):
            await one.send(box.write, envelope())
        reading = await one.read(box.read)
        first, second, third = await take(reading, 3)
        with pytest.raises(Refused) as refused:
            await reading.confirm(Position(third.position.incarnation, third.position.sequence + 1))
        assert refused.value.code is Code.BEYOND
        await reading.confirm(second.position)
        await reading.confirm(second.position)
        await reading.confirm(first.position)
        again = await one.read(box.read)
        assert (again.confirmed, again.waiting) == (second.position, 1)
        assert [d.envelope for d in await take(again, 1)] == [third.envelope]


async def test_a_second_reader_takes_over(tmp_path: Path) -> None:
    """R16"""
    async with (
        running(tmp_path) as (server, session),
        line(server, session) as one,
        line(server, session) as two,
    ):
        box = await Box().make(one)
        await one.send(box.write, envelope())
        reading = await one.read(box.read)
        (had,) = await take(reading, 1)
        other = await two.read(box.read)
        with pytest.raises(TakenOver):
            await take(reading, 1)
        with pytest.raises(NoQueue):
            await reading.confirm(had.position)
        assert [d.position for d in await take(other, 1)] == [had.position]


async def test_the_window_bounds_what_is_out(tmp_path: Path) -> None:
    """R14"""
    async with (
        running(tmp_path, limits={"reading_window": 8}) as (server, session),
        line(server, session) as one,
    ):
        box = await Box().make(one)
        for _ in range(20):
            await one.send(box.write, envelope())
        reading = await one.read(box.read)
        first = await take(reading, 8)
        await asyncio.sleep(0.3)
        assert reading.next_now() is None
        await reading.confirm(first[3].position)
        await take(reading, 4)
        await asyncio.sleep(0.3)
        assert reading.next_now() is None


async def test_one_refusal_for_missing_dropped_and_wrong(tmp_path: Path) -> None:
    """R17: a sender learns nothing from which it was."""
    async with running(tmp_path) as (server, session), line(server, session) as one:
        box, other = await Box().make(one), await Box().make(one)
        await one.drop_writers(box.read, [digest(box.write)])
        await one.drop_queue(other.read)
        answers = []
        for write in (os.urandom(32), box.write, other.write, box.read):
            for send in (one.send, http(server, session).send_once):
                with pytest.raises(NoQueue) as refused:
                    await send(write, envelope())
                answers.append((refused.value.code, refused.value.retry_after, str(refused.value)))
        assert len(set(answers)) == 1
        with pytest.raises(NoQueue):
            await one.read(other.read)


async def test_a_wrong_capability_costs_the_store_what_a_missing_queue_does(tmp_path: Path) -> None:
    """R17: the same statements, counted and not timed."""
    async with running(tmp_path) as (server, session), line(server, session) as one:
        box = await Box().make(one)
        await one.drop_writers(box.read, [digest(box.write)])
        seen: list[list[str]] = []
        database = server.core.database._db
        for write in (os.urandom(32), box.write):
            statements: list[str] = []
            into = statements.append
            database.set_trace_callback(lambda text, into=into: into(text.split("x'")[0]))  # type: ignore[misc]
            with pytest.raises(NoQueue):
                await one.send(write, envelope())
            database.set_trace_callback(None)
            seen.append([s for s in statements if "writer" in s])
        assert seen[0] == seen[1]
        assert len(seen[0]) == 1


async def test_quotas_refuse_new_mail_and_put_none_out(tmp_path: Path) -> None:
    """R12"""
    limits = {"queue_messages": 5, "writer_messages": 4}
    async with running(tmp_path, limits=limits) as (server, session), line(server, session) as one:
        box = await Box().make(one, quota=3)
        spare = os.urandom(32)
        await one.add_writers(box.read, [WriterSpec(digest(spare))])
        sent = [envelope() for _ in range(5)]
        for piece in sent[:3]:
            await one.send(box.write, piece)
        with pytest.raises(Full) as full:
            await one.send(box.write, envelope())
        assert full.value.retry_after > 0
        for piece in sent[3:]:
            await one.send(spare, piece)
        with pytest.raises(Full):
            await http(server, session).send_once(spare, envelope())
        reading = await one.read(box.read)
        assert [d.envelope for d in await take(reading, 5, confirm=True)] == sent
        await one.send(box.write, envelope())


async def test_what_follows_a_refused_one_is_refused(tmp_path: Path) -> None:
    """R12: order holds though several are under way, also where room comes free in between."""
    limits = {"queue_messages": 3}
    async with running(tmp_path, limits=limits) as (server, session), line(server, session) as one:
        box, other = await Box().make(one), await Box().make(one)
        sent = [envelope() for _ in range(6)]
        tries = (one.send(box.write, piece, n > 0) for n, piece in enumerate(sent))
        answers = await asyncio.gather(*tries, return_exceptions=True)
        assert [type(answer) for answer in answers] == [type(None)] * 3 + [Full] * 3
        reading = await one.read(box.read)
        got = await take(reading, 3, confirm=True)
        with pytest.raises(Full):
            await one.send(box.write, sent[4], follows=True)
        await one.send(other.write, envelope(), follows=True)
        await one.send(box.write, sent[3])
        await asyncio.gather(*(one.send(box.write, piece, follows=True) for piece in sent[4:]))
        got += await take(reading, 3)
        assert [d.envelope for d in got] == sent


async def test_a_disk_that_fails_refuses_what_follows_too(tmp_path: Path) -> None:
    """R12: also where the commit failed and not the rule."""
    async with running(tmp_path) as (server, session), line(server, session) as one:
        box = await Box().make(one)
        await one.send(box.write, envelope())
        database, failing = server.core.database, [True]

        def step(name: str) -> None:
            if name == "before commit" and failing:
                raise OSError("the disk is gone")

        database.step = step
        with pytest.raises(Full):
            await one.send(box.write, envelope())
        failing.clear()
        with pytest.raises(Full):
            await one.send(box.write, envelope(), follows=True)
        await one.send(box.write, envelope())


async def test_capabilities_change_without_a_break(tmp_path: Path) -> None:
    """R18"""
    async with running(tmp_path) as (server, session), line(server, session) as one:
        box = await Box().make(one)
        await one.send(box.write, envelope())
        fresh = os.urandom(32)
        await one.rotate_read(box.read, digest(fresh))
        with pytest.raises(NoQueue):
            await one.read(box.read)
        assert len(await take(await one.read(fresh), 1)) == 1
        await one.make_queue(b"", digest(fresh), [])


async def test_a_refused_queue_leaves_nothing(tmp_path: Path) -> None:
    """R10: a writer's hash belongs to one queue; the refusal writes nothing, not even the queue."""
    async with running(tmp_path) as (server, session), line(server, session) as one:
        box = await Box().make(one)
        read = os.urandom(32)
        with pytest.raises(Refused) as refused:
            await one.make_queue(b"", digest(read), [WriterSpec(digest(box.write))])
        assert refused.value.code is Code.BAD
        with pytest.raises(NoQueue):
            await one.read(read)


async def test_grants_are_drawn_lent_and_given_back(tmp_path: Path) -> None:
    """R20"""
    async with running(tmp_path, creation="grant") as (server, session), line(server, session) as one:
        token, lent = os.urandom(32), os.urandom(32)
        short = await server.core.database.run(grants.issue(token, 2, 1 << 40))
        for wrong in (b"", os.urandom(32)):
            with pytest.raises(GrantRefused):
                await Box().make(one, wrong)
        await one.lend_grant(token, digest(lent), 1, 3_600)
        await one.lend_grant(token, digest(lent), 1, 3_600)
        guest = await Box().make(one, lent)
        with pytest.raises(GrantRefused):
            await Box().make(one, lent)
        mine = await Box().make(one, token)
        with pytest.raises(GrantRefused):
            await Box().make(one, token)
        await one.drop_queue(mine.read)
        await Box().make(one, token)
        assert await server.core.database.run(grants.revoke(short)) == 1
        with pytest.raises(GrantRefused):
            await Box().make(one, token)
        await one.send(guest.write, envelope())


async def test_an_unused_invitation_goes_back_to_its_token(tmp_path: Path) -> None:
    """R20"""
    clocks = {"wall": 1_000_000.0, "ran": 0.0}
    async with (
        running(tmp_path, creation="grant", wall=lambda: clocks["wall"], ran=lambda: clocks["ran"]) as (
            server,
            session,
        ),
        line(server, session) as one,
    ):
        token, lent = os.urandom(32), os.urandom(32)
        await server.core.database.run(grants.issue(token, 1, 1 << 40))
        await one.lend_grant(token, digest(lent), 1, 3_600)
        with pytest.raises(GrantRefused):
            await Box().make(one, token)
        clocks.update(wall=1_004_000.0, ran=4_000.0)
        await server.sweeper.once()
        with pytest.raises(GrantRefused):
            await Box().make(one, lent)
        await Box().make(one, token)


async def test_a_late_confirmation_hits_no_new_mail(tmp_path: Path) -> None:
    """R8: positions of another incarnation are below everything new."""
    box = Box()
    async with running(tmp_path) as (server, session), line(server, session) as one:
        await box.make(one)
        await one.send(box.write, envelope())
        reading = await one.read(box.read)
        (old,) = await take(reading, 1, confirm=True)
    async with running(tmp_path) as (server, session), line(server, session) as one:
        kept = envelope()
        await one.send(box.write, kept)
        reading = await one.read(box.read)
        assert reading.confirmed == old.position
        (new,) = await take(reading, 1)
        assert new.position > old.position
        await reading.confirm(old.position)
        assert [d.envelope for d in await take(await one.read(box.read), 1)] == [kept]


async def test_malformed_bytes_end_the_line(tmp_path: Path) -> None:
    """R5"""
    async with running(tmp_path) as (server, session):
        for junk in (b"", b"\0\0\0\1\xff", os.urandom(300)):
            async with session.ws_connect(server.url + "/v1/live") as socket:
                await socket.send_bytes(junk)
                async with asyncio.timeout(10):
                    kinds = [message.type async for message in socket]
                assert kinds in ([aiohttp.WSMsgType.BINARY], [])
                assert socket.closed
        async with session.ws_connect(server.url + "/v1/live") as socket:
            await socket.send_str("hello")
            async with asyncio.timeout(10):
                assert [m async for m in socket] == []
        assert server.core.counts.malformed == 3


async def test_sigterm_keeps_everything(tmp_path: Path) -> None:
    """R25: a graceful stop and a start lose nothing, and the client is told that the line broke."""
    relay = await Program.start(tmp_path)
    box, sent = Box(), [envelope() for _ in range(30)]
    async with aiohttp.ClientSession() as session:
        one = await Connection.open(relay.url, session)
        await box.make(one)
        for piece in sent:
            await one.send(box.write, piece)
        await relay.stop()
        with pytest.raises(Unreachable):
            await one.send(box.write, envelope())
        await one.close()
        assert relay.process.returncode == 0
        again = await Program.start(tmp_path)
        one = await Connection.open(again.url, session)
        found = await take(await one.read(box.read), len(sent))
        assert [d.envelope for d in found] == sent
        await one.close()
        await again.stop()


async def test_one_commit_of_both_ways_is_handed_out_in_its_order(tmp_path: Path) -> None:
    """R13: sent by HTTP, then by WebSocket, on the disk together; a reader that is not behind gets them so."""
    async with running(tmp_path) as (server, session), line(server, session) as one:
        box, sent, held = await Box().make(one), [envelope(), envelope()], threading.Event()
        reading = await one.read(box.read)
        await one.send(box.write, envelope())
        await take(reading, 1, confirm=True)
        holding = asyncio.create_task(server.core.database.run(lambda _: held.wait(20)))
        await asyncio.sleep(0.2)
        first = asyncio.create_task(http(server, session).send_once(box.write, sent[0]))
        await asyncio.sleep(0.3)
        second = asyncio.create_task(one.send(box.write, sent[1]))
        await asyncio.sleep(0.3)
        held.set()
        await asyncio.gather(holding, first, second)
        assert [d.envelope for d in await take(reading, 2)] == sent
