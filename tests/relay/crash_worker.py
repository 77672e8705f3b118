"""A relay that kills itself at chosen points: `main(DATA, CREATION, AHEAD_S, POINTS)`; it serves until SIGTERM.

`AHEAD_S`: how far its clock is ahead, so that things expire. When it says that it is ready it has swept once, and removed
what was to be removed.
"""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path

from colloque.protocol.mailbox.limits import Limits
from colloque.relay.core import Options
from colloque.relay.server import RelayServer
from tests.support.faults import Fault, Point

LIMITS = Limits(message_age_s=86_400)


async def _serve(data: Path, creation: str, ahead: float, fault: Fault) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    options = Options(creation, LIMITS)
    async with RelayServer(
        data, options=options, metrics=("127.0.0.1", 0), wall=lambda: time.time() + ahead, step=fault
    ) as server:
        await server.sweeper.once()
        await server.core.settle()
        print("ready", server.url, server.metrics_url, flush=True)
        await stop.wait()


def main(data: str, creation: str, ahead: float, points: list[Point]) -> None:
    asyncio.run(_serve(Path(data), creation, ahead, Fault((name, count) for name, count in points)))
