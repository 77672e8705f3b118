"""One-way latency with both ends encrypting: from `send` to the message stored at the reader, through a relay process."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.documents import relay_process
from colloque.client.client import Client
from colloque.wire.content.text import Text
from colloque.wire.profile import Profile


async def run(rates: tuple[int, ...] = (20, 200, 1000), seconds: float = 5.0) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        process, url = relay_process(folder / "relay")
        try:
            for who in ("a", "b"):
                await Client.create(folder / who, relay=url, profile=Profile(who), passphrase="x")
            async with (
                Client.open(folder / "a", passphrase="x") as a,
                Client.open(folder / "b", passphrase="x") as b,
            ):
                conversation = await b.accept((await a.invite()).link)
                await b.until(lambda: b.contacts()[0].phase.value == "open", 20)
                await b.settle(5)
                for rate in rates:
                    found[f"{rate}/s"] = await _rate(a, b, conversation, rate, seconds)
        finally:
            process.terminate()
            process.wait()
    return found


async def _rate(a: Client, b: Client, conversation: bytes, rate: int, seconds: float) -> dict[str, Any]:
    sent: dict[bytes, int] = {}
    began = time.perf_counter()
    for n in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, began + n / rate - time.perf_counter()))
        ident = os.urandom(16)
        sent[ident] = a.home.clock()
        a.home.messages.write(a.home.context(), conversation, ident, Text(f"{n}"), None)
        a._wake()
    count = len(sent)

    def arrived() -> int:
        return int(
            b.home.database.one("SELECT count(*) FROM message WHERE kind = 'text' AND author IS NOT NULL")[0]
        )

    target = count + arrived_before(b, sent)
    complete = await b.until(lambda: arrived() >= target, 120)
    took = time.perf_counter() - began
    rows = b.home.database.all("SELECT id, came_at FROM message WHERE kind = 'text' AND author IS NOT NULL")
    delays = sorted(came - sent[ident] for ident, came in rows if ident in sent)
    return {
        "complete": complete,
        "p50_ms": delays[len(delays) // 2],
        "p99_ms": delays[int(len(delays) * 0.99)],
        "reached_per_s": round(count / took),
    }


def arrived_before(b: Client, sent: dict[bytes, int]) -> int:
    rows = b.home.database.all("SELECT id FROM message WHERE kind = 'text' AND author IS NOT NULL")
    return sum(1 for (ident,) in rows if ident not in sent)


if __name__ == "__main__":
    print(asyncio.run(run()))
