"""What all of a relay's parts share: its database, its limits, its counts, and its clock."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from colloque.protocol.mailbox.clock import Clock
from colloque.protocol.mailbox.limits import Limits
from colloque.protocol.mailbox.rules import Bucket, Refusal, expiry
from colloque.relay.turn import Turn
from colloque.store.relay.chunks import ChunkFiles
from colloque.store.relay.database import RelayDatabase
from colloque.wire.frames.answers import Code


@dataclass(frozen=True, slots=True)
class Options:
    """How a relay was started. `creation`: "grant" or "open". `turn`: the server that relays the media of calls, if any."""

    creation: str = "grant"
    limits: Limits = field(default_factory=Limits)
    turn: Turn | None = None


@dataclass(slots=True)
class Counts:
    """Numbers only: no address, no capability, no hash (`spec/relay.md` R26)."""

    connections: int = 0
    connections_refused: int = 0
    accepted: int = 0
    refused: int = 0
    handed_out: int = 0
    confirmed: int = 0
    expired: int = 0
    chunks_in: int = 0
    chunks_out: int = 0
    malformed: int = 0


class Core:
    def __init__(self, data: Path, database: RelayDatabase, options: Options) -> None:
        self.data = data
        self.database = database
        self.options = options
        self.limits = options.limits
        self.files = ChunkFiles(data, database.step)
        self.uploads = asyncio.Semaphore(options.limits.uploads)
        self._removing: set[asyncio.Task[None]] = set()
        self.counts = Counts()
        self.closing = False
        self.clock = Clock(time.time(), time.monotonic())
        self._creation = Bucket(
            options.limits.open_queues_per_minute, options.limits.open_queues_per_minute, 0.0
        )

    def now(self) -> int:
        """Seconds since the epoch, as the relay counts them."""
        return int(self.clock.now)

    def measure_disk(self) -> int:
        return shutil.disk_usage(self.data).free

    def message_expiry(self) -> int:
        """To the second, never rounded: what was not sent together does not expire together (R22)."""
        return self.now() + self.limits.message_age_s

    def expiry(self, seconds: int, limit: int) -> int:
        return expiry(self.now(), seconds, limit)

    def grant(self, grant: bytes) -> bytes | None:
        """The grant to draw on; None in a relay where everybody may make queues, at a bounded rate."""
        if grant:
            return grant
        if self.options.creation != "open":
            raise Refusal(Code.GRANT)
        self._creation = self._creation.take(time.monotonic())
        return None

    def remove_files(self, names: Sequence[bytes]) -> None:
        """Without waiting. What a crash leaves behind is swept away at the next start."""
        if not names:
            return

        def remove() -> None:
            for name in names:
                self.files.remove(name)

        task = asyncio.get_running_loop().create_task(asyncio.to_thread(remove))
        self._removing.add(task)
        task.add_done_callback(self._removing.discard)

    async def settle(self) -> None:
        """Waits for what is being removed."""
        await asyncio.gather(*self._removing, return_exceptions=True)
