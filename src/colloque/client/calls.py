"""What a program needs for calls: pieces sent and heard, and the server that relays media. The media are the browser's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import aiohttp

from colloque.client.relay.http import RelayHttp, TurnServer
from colloque.protocol.session.effects import Write
from colloque.store.client.home import Home
from colloque.store.client.signals import Heard
from colloque.wire.codec import WireError
from colloque.wire.content.content import Signal


class Calls:
    """`client.calls`."""

    def __init__(
        self,
        home: Home,
        session: aiohttp.ClientSession,
        until: Callable[[Callable[[], bool], float | None], Awaitable[bool]],
        wake: Callable[[], None],
    ) -> None:
        self._home = home
        self._session = session
        self._until = until
        self._wake = wake

    def signal(self, conversation: bytes, signal: Signal, to: bytes) -> None:
        """Puts a piece of a call in line for one reader; what cannot be sent within a minute is not sent."""
        home = self._home
        with home.database.transaction():
            home.steps.run(home.context(), conversation, lambda talk: (talk, (Write(signal, to),)))
        self._wake()

    async def hear(self, timeout: float | None) -> list[Heard]:
        """The pieces of calls that came since the last time; waits up to `timeout` seconds for the first. For the program
        that runs the engine: they are kept nowhere."""
        signals = self._home.signals
        await self._until(lambda: not signals.is_empty, timeout)
        return signals.drain()

    async def turn(self, conversation: bytes) -> TurnServer | None:
        """The server that relays the media of this end's calls; None where its relay names none. Raises `RelayError`."""
        talk = self._home.talks.load(conversation)
        if talk is None:
            raise WireError("there is no such conversation")
        queue = talk.conversation.queue
        return await RelayHttp(queue.relay, self._session).turn(queue.read)
