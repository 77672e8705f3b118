"""The relay's tables. Capabilities are kept as SHA-256 only; nothing here names anybody."""

from __future__ import annotations

from typing import Final

MIGRATIONS: Final[tuple[str, ...]] = (
    """
    CREATE TABLE relay (one INTEGER PRIMARY KEY CHECK (one = 1), incarnation INTEGER NOT NULL, time INTEGER NOT NULL)
    STRICT;
    INSERT INTO relay VALUES (1, 0, 0);

    CREATE TABLE grant_ (
        hash BLOB PRIMARY KEY, parent BLOB, queues INTEGER NOT NULL, used INTEGER NOT NULL, expires INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE queue (
        id INTEGER PRIMARY KEY AUTOINCREMENT, read_hash BLOB NOT NULL UNIQUE, grant_ BLOB, read_at INTEGER NOT NULL,
        confirmed_incarnation INTEGER NOT NULL, confirmed_sequence INTEGER NOT NULL,
        chunk_bytes INTEGER NOT NULL, dropped INTEGER NOT NULL
    ) STRICT;

    CREATE INDEX queue_read_at ON queue (read_at) WHERE dropped = 0;
    CREATE INDEX queue_grant ON queue (grant_);
    CREATE INDEX grant_expires ON grant_ (expires);

    CREATE TABLE writer (
        hash BLOB PRIMARY KEY, queue INTEGER NOT NULL, quota INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX writer_queue ON writer (queue);

    CREATE TABLE message (
        n INTEGER PRIMARY KEY, queue INTEGER NOT NULL, incarnation INTEGER NOT NULL, sequence INTEGER NOT NULL,
        writer BLOB NOT NULL, expires INTEGER NOT NULL, envelope BLOB NOT NULL
    ) STRICT;
    CREATE INDEX message_place ON message (queue, incarnation, sequence);
    CREATE INDEX message_expires ON message (expires);

    CREATE TABLE card (
        owner BLOB PRIMARY KEY, locator BLOB NOT NULL UNIQUE, sealed BLOB NOT NULL, expires INTEGER NOT NULL, grant_ BLOB
    ) STRICT, WITHOUT ROWID;

    CREATE INDEX card_expires ON card (expires);
    CREATE INDEX card_grant ON card (grant_);

    CREATE TABLE chunk (
        write_hash BLOB PRIMARY KEY, read_hash BLOB NOT NULL UNIQUE, delete_hash BLOB NOT NULL UNIQUE, queue INTEGER NOT NULL,
        size INTEGER NOT NULL, expires INTEGER NOT NULL, file BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX chunk_queue ON chunk (queue);
    CREATE INDEX chunk_expires ON chunk (expires);
    """,
)
