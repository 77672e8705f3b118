"""The relay's figures beside the bare program's, in the same run: `python bench/relay_bench.py [--out FILE] [--rounds N]`.

Payloads of 16,384 bytes. Flood: 50 senders with one message in flight each, to 50 readers who are away; then these drain
and confirm. Latency: from before sending to the reader's hands, open loop, 20 pairs that are there. Idle: memory per
connection, of 2,000.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import statistics
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.relay_peers import BYTES, Bare, Colloque

PAIRS, READERS, SENDERS, IDLE = 20, 50, 50, 2_000
_POOL = os.urandom(1 << 20)


def payload(number: int) -> bytes:
    at = number * 7_919 % (len(_POOL) - BYTES)
    return struct.pack(">d", time.perf_counter()) + _POOL[at + 8 : at + BYTES]


def percentile(values: list[float], share: float) -> float:
    """In milliseconds."""
    return round(sorted(values)[min(len(values) - 1, int(len(values) * share))] * 1_000, 2)


async def flood(peer: Colloque | Bare, seconds: float) -> dict[str, float]:
    await peer.start(READERS)
    senders = [await peer.sender() for _ in range(SENDERS)]
    sent = [0] * SENDERS
    end = time.perf_counter() + seconds

    async def go(number: int) -> None:
        # The relay holds 4,096 messages for a reader who is away, and 2,048 of one sender.
        while time.perf_counter() < end and sent[number] < 2_048:
            await senders[number].send(number, payload(sum(sent)))
            sent[number] += 1

    began, cpu = time.perf_counter(), peer.cpu_seconds()
    await asyncio.gather(*map(go, range(SENDERS)))
    took, cpu = time.perf_counter() - began, peer.cpu_seconds() - cpu
    for sender in senders:
        sender.close()
    total, left = sum(sent), sum(sent)
    drained = asyncio.get_running_loop().create_future()

    def taken(_payload: bytes) -> None:
        nonlocal left
        left -= 1
        if not left:
            drained.set_result(None)

    began_draining, drain_cpu = time.perf_counter(), peer.cpu_seconds()
    lines = await asyncio.gather(*(peer.listen(reader, taken) for reader in range(READERS)))
    await asyncio.wait_for(drained, 120)
    took_draining, drain_cpu = time.perf_counter() - began_draining, peer.cpu_seconds() - drain_cpu
    await asyncio.sleep(0.3)
    for line in lines:
        line.close()
    peer.stop()
    return {
        "messages": total,
        "accepted_per_s": round(total / took),
        "drained_per_s": round(total / took_draining),
        "accept_cpu_us": round(cpu / total * 1e6),
        "drain_cpu_us": round(drain_cpu / total * 1e6),
    }


async def latency(peer: Colloque | Bare, rate: int, seconds: float) -> dict[str, float]:
    await peer.start(PAIRS)
    delays: list[float] = []
    readers = [
        await peer.listen(
            pair, lambda got: delays.append(time.perf_counter() - struct.unpack(">d", got[:8])[0])
        )
        for pair in range(PAIRS)
    ]
    senders = [await peer.sender() for _ in range(PAIRS)]
    total, number, under_way = int(rate * seconds), 0, set()
    began = time.perf_counter()
    while number < total:
        while number < total and time.perf_counter() >= began + number / rate:
            task = asyncio.ensure_future(senders[number % PAIRS].send(number % PAIRS, payload(number)))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            number += 1
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
    for _ in range(500):
        if len(delays) == total:
            break
        await asyncio.sleep(0.01)
    for line in (*readers, *senders):
        line.close()
    peer.stop()
    return {
        "rate": rate,
        "delivered": len(delays) / total,
        "p50_ms": percentile(delays, 0.5),
        "p99_ms": percentile(delays, 0.99),
    }


async def idle(peer: Colloque | Bare) -> dict[str, float]:
    await peer.start(1)
    await asyncio.sleep(1)
    before, lines = peer.proportional_bytes(), []
    for _ in range(0, IDLE, 50):
        lines += await asyncio.gather(*(peer.idle() for _ in range(50)))
    await asyncio.sleep(2)
    each = (peer.proportional_bytes() - before) / IDLE / 1_024
    for line in lines:
        line.close()
    peer.stop()
    return {"connections": IDLE, "kib_each": round(each, 1)}


def yardstick() -> Path | None:
    """The bare program, at $COLLOQUE_PEERS or ../shared/peers."""
    places = [os.environ.get("COLLOQUE_PEERS"), str(Path(__file__).resolve().parents[2] / "shared/peers")]
    for place in places:
        if place and (Path(place) / "limit_server.py").is_file():
            return Path(place) / "limit_server.py"
    print("SKIPPED: the bare program is at neither $COLLOQUE_PEERS nor ../shared/peers", file=sys.stderr)
    return None


async def measure(rounds: int = 3, seconds: float = 5.0) -> dict[str, Any]:
    program = yardstick()
    makers: dict[str, Callable[[], Colloque | Bare]] = {"colloque": Colloque}
    if program is not None:
        makers["bare"] = lambda: Bare(program)
    found: dict[str, Any] = {name: {"flood": [], "latency": [], "idle": []} for name in makers}
    for _ in range(rounds):
        # One after the other in each round, so that what else the machine does touches both.
        for name, make in makers.items():
            found[name]["flood"].append(await flood(make(), seconds))
    for rate in (200, 1_000):
        for _ in range(rounds):
            for name, make in makers.items():
                found[name]["latency"].append(await latency(make(), rate, seconds))
    for name, make in makers.items():
        found[name]["idle"].append(await idle(make()))
    return found


def _median(rows: list[dict[str, float]], key: str) -> float:
    return statistics.median(row[key] for row in rows)


def table(found: dict[str, Any]) -> str:
    """Medians, as Markdown."""
    lines = [
        "| | accepted/s | drained/s | p50 / p99 ms at 200/s | at 1,000/s | KiB per idle connection |",
        "|---|---|---|---|---|---|",
    ]
    for name, one in found.items():
        cells = [f"{_median(one['flood'], key):,.0f}" for key in ("accepted_per_s", "drained_per_s")]
        for rate in (200, 1_000):
            rows = [row for row in one["latency"] if row["rate"] == rate]
            cells.append(f"{_median(rows, 'p50_ms')} / {_median(rows, 'p99_ms')}")
        cells.append(str(one["idle"][0]["kib_each"]))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    if "bare" in found:
        shares = [
            _median(found["colloque"]["flood"], key) / _median(found["bare"]["flood"], key)
            for key in ("accepted_per_s", "drained_per_s")
        ]
        lines.append(f"| share | {shares[0]:.2f} | {shares[1]:.2f} | | | |")
    return "\n".join(lines)


def run(out: Path | None = None, rounds: int = 3, seconds: float = 5.0) -> dict[str, Any]:
    """Measures, prints the JSON and the table, writes the JSON to `out`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(20_000, hard), hard))
    del soft
    try:
        import uvloop

        runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    except ImportError:
        runner = asyncio.Runner()
    with runner:
        found = runner.run(measure(rounds, seconds))
    print(json.dumps(found))
    print(table(found))
    if out is not None:
        out.write_text(json.dumps(found, indent=1) + "\n")
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=float, default=5.0)
    given = options.parse_args()
    run(given.out, given.rounds, given.seconds)


if __name__ == "__main__":
    main()
