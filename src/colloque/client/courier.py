"""What is to be done at one relay: its errands, and its mail. A relay that hangs keeps nobody waiting but itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from colloque.client import errands
from colloque.client.line import Line, Lines
from colloque.client.movers import pause_ms
from colloque.client.pauses import Pauses
from colloque.client.relay.errors import Full, GrantRefused, Refused, RelayError
from colloque.store.client import errands as stored_errands
from colloque.store.client.home import Home
from colloque.store.client.outbox import Outgoing
from colloque.store.client.queues import Stored
from colloque.wire.envelope import seal

SIDE_BY_SIDE: Final = 64
"""Commands under way on one line: what a relay takes at a time (`spec/relay.md` R6)."""


class Courier:
    """Each method works until nothing is left that can be done now, and says whether anything was."""

    def __init__(
        self, home: Home, lines: Lines, relay: str, pauses: Pauses, changed: Callable[[], None]
    ) -> None:
        self._home = home
        self._pauses = pauses
        self._lines = lines
        self._relay = relay
        self._changed = changed

    async def errands(self, stop_reader: Callable[[bytes], None]) -> bool:
        """Queues made and dropped, and whatever else is in line, one after the other."""
        progress, line = False, self._lines.to(self._relay)
        for wanted in self._home.queues.in_state("wanted", self._relay):
            progress |= await self._try(line, errands.make_queue, wanted)
        for unwanted in self._home.queues.unwanted(self._relay):
            stop_reader(unwanted.queue.id)
            progress |= await self._try(line, errands.drop_queue, unwanted)
        for errand in stored_errands.due(self._home.database, self._home.clock(), self._relay):
            try:
                await errands.run_errand(self._home, self._lines, errand)
                progress = True
            except RelayError as error:
                if isinstance(error, Refused):
                    self._home.note_refusal(str(error))
                with self._home.database.transaction():
                    later = self._home.clock() + pause_ms(errand.tries)
                    stored_errands.later(self._home.database, errand.n, later)
        return progress

    async def _try(
        self, line: Line, action: Callable[[Home, Line, Stored], Awaitable[None]], subject: Stored
    ) -> bool:
        clock = asyncio.get_running_loop().time
        if not self._pauses.over(subject.queue.id, clock()):
            return False
        try:
            await action(self._home, line, subject)
        except Refused as refused:
            if isinstance(refused, GrantRefused) and self._home.outbox.turned_away(
                self._home.context(), subject.queue
            ):
                return True
            self._home.note_refusal(str(refused))
            self._pauses.failed(subject.queue.id, clock())
            return False
        except RelayError:
            return False
        self._pauses.done(subject.queue.id)
        return True

    async def mail(self) -> bool:
        """The first envelopes of every reader's line, all on their way at once, until nothing moves."""
        progress = False
        while True:
            self._home.outbox.drop_outdated(self._home.clock())
            waiting = self._home.outbox.lines(self._relay, self._home.clock(), SIDE_BY_SIDE)
            if not waiting:
                return progress
            answers = await asyncio.gather(*(self._send(line) for line in waiting))
            self._home.database_step("sent")
            with self._home.database.transaction():
                moved = [self._settle(*pair) for pair in zip(waiting, answers, strict=True)]
            self._changed()
            if not any(moved):
                return progress
            progress = True

    async def _send(self, line: Sequence[Outgoing]) -> list[RelayError | None]:
        """One reader's envelopes in their order; for each what became of it, None where it was accepted."""
        try:
            connection = await self._lines.to(self._relay).connection()
        except RelayError as error:
            return [error]
        self._home.outbox.begin(line)
        sent = (
            connection.send(each.write, seal(each.key, each.part, self._home.random), follows=place > 0)
            for place, each in enumerate(line)
        )
        answers: list[RelayError | None] = []
        for answer in await asyncio.gather(*sent, return_exceptions=True):
            if isinstance(answer, BaseException) and not isinstance(answer, RelayError):
                raise answer
            answers.append(answer)
        return answers

    def _settle(self, line: Sequence[Outgoing], answers: Sequence[RelayError | None]) -> bool:
        """Whether anything left this line. What comes after something that may be tried again waits with it."""
        home, moved = self._home, False
        for outgoing, answer in zip(line, answers, strict=False):
            match answer:
                case None:
                    home.outbox.accepted(home.context(), outgoing)
                case Full():
                    home.outbox.later(
                        outgoing, home.clock() + max(answer.retry_after, pause_ms(outgoing.tries))
                    )
                    return moved
                case Refused():
                    home.outbox.refused(home.context(), outgoing)
                case _:
                    return moved
            moved = True
        return moved
