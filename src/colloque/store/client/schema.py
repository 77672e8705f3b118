"""The tables of one home. Migrations are the source: each is run once, in order, inside one transaction, and
never changed once a home may have run it (`tests/store/client/test_schema.py`)."""

from __future__ import annotations

from typing import Final

MIGRATIONS: Final[tuple[str, ...]] = (
    """
    CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;

    -- My queues: `state` wanted (to be made), made, unwanted (to be dropped), gone.
    CREATE TABLE queue (
        id BLOB PRIMARY KEY, conversation BLOB, invitation BLOB,
        relay TEXT NOT NULL, read_cap BLOB NOT NULL, key BLOB NOT NULL, writers BLOB NOT NULL, grant_ BLOB NOT NULL,
        state TEXT NOT NULL, quota INTEGER NOT NULL, incarnation INTEGER NOT NULL, sequence INTEGER NOT NULL,
        made_at INTEGER NOT NULL
    ) STRICT;

    -- The public card (one) and personal invitations: `state` wanted, ready, used, withdrawn.
    CREATE TABLE invitation (
        id BLOB PRIMARY KEY, card INTEGER NOT NULL, secret BLOB NOT NULL, pin BLOB NOT NULL, body BLOB NOT NULL,
        hpke_seed BLOB NOT NULL, old_seed BLOB NOT NULL, owner_cap BLOB NOT NULL, queue BLOB NOT NULL, grant_ BLOB NOT NULL,
        for_name TEXT NOT NULL, serial INTEGER NOT NULL, not_after INTEGER NOT NULL, state TEXT NOT NULL
    ) STRICT;

    CREATE TABLE conversation (
        id BLOB PRIMARY KEY, short TEXT NOT NULL UNIQUE, name TEXT NOT NULL, pair INTEGER NOT NULL, phase TEXT NOT NULL,
        host BLOB NOT NULL, second_host BLOB NOT NULL, queue BLOB NOT NULL, recovery BLOB NOT NULL,
        revision INTEGER NOT NULL, number INTEGER NOT NULL, succession INTEGER NOT NULL, welcome_psk BLOB NOT NULL,
        renewed_at INTEGER NOT NULL, committed_at INTEGER NOT NULL, hosting BLOB, version INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE peer (
        conversation BLOB NOT NULL, place INTEGER NOT NULL, key BLOB NOT NULL, name TEXT NOT NULL,
        profession TEXT NOT NULL, rpps TEXT NOT NULL, address BLOB, my_writer INTEGER, head INTEGER NOT NULL,
        PRIMARY KEY (conversation, key)
    ) STRICT, WITHOUT ROWID;

    -- MLS states, newest (place 0) first.
    CREATE TABLE mls_group (
        conversation BLOB NOT NULL, place INTEGER NOT NULL, state BLOB NOT NULL, PRIMARY KEY (conversation, place)
    ) STRICT;

    CREATE TABLE key_package (
        ref BLOB PRIMARY KEY, conversation BLOB NOT NULL, package BLOB NOT NULL, secrets BLOB NOT NULL,
        made_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- Messages to people, and notices. `author` is NULL for mine. `state` of mine: waiting, uploading, accepted,
    -- delivered, read, retracted, failed; of theirs: arriving, here, retracted, damaged. `shown`: 0 new, 1 being shown, 2 shown.
    CREATE TABLE message (
        n INTEGER PRIMARY KEY, id BLOB NOT NULL, conversation BLOB NOT NULL, author BLOB, kind TEXT NOT NULL,
        number INTEGER NOT NULL, body BLOB NOT NULL, sent_at INTEGER NOT NULL, came_at INTEGER NOT NULL,
        state TEXT NOT NULL, shown INTEGER NOT NULL, own_key TEXT, overdue INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE UNIQUE INDEX message_once ON message (conversation, id);
    CREATE UNIQUE INDEX message_key ON message (own_key) WHERE own_key IS NOT NULL;
    CREATE INDEX message_new ON message (shown) WHERE shown < 2;
    CREATE INDEX message_open ON message (state) WHERE state IN ('waiting', 'uploading', 'accepted', 'arriving');

    -- What each reader's end said of my messages: `state` waiting, accepted, delivered, read, refused.
    CREATE TABLE delivery (
        conversation BLOB NOT NULL, message BLOB NOT NULL, reader BLOB NOT NULL, state TEXT NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (conversation, message, reader)
    ) STRICT, WITHOUT ROWID;

    -- Bodies waiting to be encrypted in their turn: messages to people (`message`), and the program's own (`body`).
    CREATE TABLE writing (
        n INTEGER PRIMARY KEY, conversation BLOB NOT NULL, message BLOB, body BLOB, reader BLOB, not_before INTEGER NOT NULL
    ) STRICT;

    -- What is owed to an author: a receipt.
    CREATE TABLE owed (
        conversation BLOB NOT NULL, author BLOB NOT NULL, message BLOB NOT NULL, outcome INTEGER NOT NULL,
        at INTEGER NOT NULL, PRIMARY KEY (conversation, author, message, outcome)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE payload (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;

    -- Encrypted and on its way, one row a reader; `part`: the next part to send.
    CREATE TABLE outgoing (
        n INTEGER PRIMARY KEY, conversation BLOB NOT NULL, reader BLOB NOT NULL, relay TEXT NOT NULL, write_cap BLOB NOT NULL,
        key BLOB NOT NULL, payload INTEGER NOT NULL, ident BLOB NOT NULL, part INTEGER NOT NULL, message BLOB,
        tries INTEGER NOT NULL, not_before INTEGER NOT NULL, refused_at INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX outgoing_reader ON outgoing (write_cap, n);

    CREATE TABLE part (
        queue BLOB NOT NULL, ident BLOB NOT NULL, place INTEGER NOT NULL, kind INTEGER NOT NULL, total INTEGER NOT NULL,
        bytes BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (queue, ident, place)
    ) STRICT;
    CREATE TABLE seen (
        queue BLOB NOT NULL, ident BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (queue, ident)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE raw (
        n INTEGER PRIMARY KEY, conversation BLOB NOT NULL, payload BLOB NOT NULL, epoch INTEGER NOT NULL, at INTEGER NOT NULL
    ) STRICT;

    -- People, by signature key. `verified`: somebody compared the safety number.
    CREATE TABLE contact (key BLOB PRIMARY KEY, verified INTEGER NOT NULL, blocked INTEGER NOT NULL) STRICT, WITHOUT ROWID;

    -- Sealed chunks lie as files in the home's spool; `done` counts those that are through.
    CREATE TABLE transfer (
        message BLOB NOT NULL, conversation BLOB NOT NULL, upload INTEGER NOT NULL, done INTEGER NOT NULL, tries INTEGER NOT NULL,
        not_before INTEGER NOT NULL, PRIMARY KEY (conversation, message)
    ) STRICT, WITHOUT ROWID;

    -- Errands at relays, in order.
    CREATE TABLE errand (
        n INTEGER PRIMARY KEY, relay TEXT NOT NULL, kind TEXT NOT NULL, arguments BLOB NOT NULL, subject BLOB,
        tries INTEGER NOT NULL, not_before INTEGER NOT NULL
    ) STRICT;
    """,
    """
    -- 1: named by this home, or come by a personal link; 0: over the public card, by an ask, or not known any more.
    ALTER TABLE conversation ADD COLUMN personal INTEGER NOT NULL DEFAULT 0;

    -- How everybody who was ever here stated their name: what they wrote outlives their going.
    CREATE TABLE called (
        conversation BLOB NOT NULL, key BLOB NOT NULL, name TEXT NOT NULL, PRIMARY KEY (conversation, key)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO called SELECT conversation, key, name FROM peer;

    -- A hello that may be there already.
    ALTER TABLE outgoing RENAME COLUMN refused_at TO begun;

    CREATE INDEX outgoing_payload ON outgoing (payload);
    DELETE FROM payload WHERE id NOT IN (SELECT payload FROM outgoing);
    -- Whatever takes the last row away: sent, refused, given up, sent again under other keys.
    CREATE TRIGGER payload_unused AFTER DELETE ON outgoing
    WHEN NOT EXISTS (SELECT 1 FROM outgoing WHERE payload = OLD.payload)
    BEGIN DELETE FROM payload WHERE id = OLD.payload; END;
    """,
    """
    -- Newcomers over the public card who wait for admission: `state` waiting, blocked.
    CREATE TABLE newcomer (
        key BLOB PRIMARY KEY, conversation BLOB NOT NULL UNIQUE, name TEXT NOT NULL, profession TEXT NOT NULL,
        rpps TEXT NOT NULL, words TEXT NOT NULL, hello BLOB NOT NULL, psk BLOB NOT NULL, came_at INTEGER NOT NULL,
        state TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX newcomer_came ON newcomer (came_at);

    CREATE INDEX message_in ON message (conversation, n);

    -- The words of messages and the names of documents, by `message.n`. `words_of` is the database's own (`words.py`).
    CREATE VIRTUAL TABLE found USING fts5 (words, tokenize = "unicode61 remove_diacritics 2", prefix = '2 3');
    INSERT INTO found (found, rank) VALUES ('secure-delete', 1);
    INSERT INTO found (rowid, words) SELECT n, words_of(body) FROM message WHERE kind IN ('text', 'file');
    CREATE TRIGGER found_new AFTER INSERT ON message WHEN new.kind IN ('text', 'file')
    BEGIN INSERT INTO found (rowid, words) VALUES (new.n, words_of(new.body)); END;
    CREATE TRIGGER found_changed AFTER UPDATE OF body ON message WHEN old.body != new.body AND new.kind IN ('text', 'file')
    BEGIN UPDATE found SET words = words_of(new.body) WHERE rowid = new.n; END;
    CREATE TRIGGER found_gone AFTER DELETE ON message WHEN old.kind IN ('text', 'file')
    BEGIN DELETE FROM found WHERE rowid = old.n; END;
    """,
    """
    -- When what is on its way is of no use any more (pieces of calls); NULL: it is sent however late.
    ALTER TABLE outgoing ADD COLUMN until INTEGER;
    """,
    """
    -- Reports of consultations, as they were sent: never changed, and not taken away with messages. `fields`: what the desk
    -- wrote the sheet from, in JSON; `readers`: the conversations it is for, 16 bytes each.
    CREATE TABLE report (
        id BLOB PRIMARY KEY, conversation BLOB NOT NULL, made_at INTEGER NOT NULL, corrects BLOB, fields TEXT NOT NULL,
        sheet BLOB NOT NULL, name TEXT NOT NULL, readers BLOB NOT NULL
    ) STRICT;
    CREATE INDEX report_in ON report (conversation, made_at);
    CREATE TRIGGER report_stays BEFORE UPDATE ON report BEGIN SELECT raise(ABORT, 'a report is never changed'); END;

    -- What is begun of one, by conversation.
    CREATE TABLE report_draft (conversation BLOB PRIMARY KEY, fields TEXT NOT NULL) STRICT, WITHOUT ROWID;
    """,
)
