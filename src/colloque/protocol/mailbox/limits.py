"""A relay's numbers: what it holds, for how long, and how much of it (`spec/relay.md` R3)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from colloque.wire.sizes import CARD_BYTES, CHUNK_SIZES, ENVELOPE_BYTES

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Limits:
    """Ages in seconds, sizes in bytes."""

    queue_messages: int = 4_096
    writer_messages: int = 2_048
    message_age_s: int = 30 * DAY
    queue_idle_s: int = 90 * DAY
    card_age_s: int = 31 * DAY
    chunk_age_s: int = 30 * DAY
    chunk_bytes_per_queue: int = 8 << 30
    total_bytes: int = 64 << 30
    minimum_free_bytes: int = 64 << 20
    grant_queues: int = 4_096
    connections: int = 50_000
    connections_per_address: int = 10_000
    commands_in_flight: int = 64
    readings_per_connection: int = 2_048
    reading_window: int = 64
    handshake_s: float = 10.0
    open_queues_per_minute: int = 3_000
    connection_queues_per_minute: int = 600
    uploads: int = 64
    upload_s: float = 300.0
    retry_after_ms: int = 30_000


def capabilities(limits: Limits, software: str, creation: str) -> dict[str, Any]:
    """The published document (R2): what a client must know before it trusts a relay with mail."""
    numbers = asdict(limits)
    shown = (
        "queue_messages",
        "writer_messages",
        "message_age_s",
        "queue_idle_s",
        "card_age_s",
        "chunk_age_s",
        "reading_window",
        "commands_in_flight",
    )
    return {
        "colloque": 1,
        "software": software,
        "envelope_bytes": ENVELOPE_BYTES,
        "card_bytes": CARD_BYTES,
        "chunk_bytes": list(CHUNK_SIZES),
        "durability": "fsync",
        "creation": creation,
        **{name: numbers[name] for name in shown},
    }
