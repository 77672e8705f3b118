"""One home: its database, and the few doors through which the client uses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from colloque.protocol.session.model import Context, Identity
from colloque.store.client import vault
from colloque.store.client.backup import Secret, fill_from_backup, write_backup
from colloque.store.client.database import DATABASE, Database
from colloque.store.client.founding import found
from colloque.store.client.inbox import Inbox
from colloque.store.client.intake import Intake
from colloque.store.client.invitations import Invitations
from colloque.store.client.leaving import Leaving
from colloque.store.client.messages import Messages
from colloque.store.client.newcomers import Newcomers
from colloque.store.client.outbox import Outbox
from colloque.store.client.people import People
from colloque.store.client.queues import Queues
from colloque.store.client.reports import Reports
from colloque.store.client.search import Search
from colloque.store.client.sheet import RecoveryKey, new_recovery_key
from colloque.store.client.spool import Spool
from colloque.store.client.steps import Steps
from colloque.store.client.talks import Talks
from colloque.store.client.transfers import Transfers
from colloque.store.client.upkeep import Upkeep
from colloque.store.client.vault import DatabaseKey, Locked
from colloque.store.step import Step, no_step
from colloque.wire.codec import Reader, Writer
from colloque.wire.frames.position import Position
from colloque.wire.profile import Profile

Random = Callable[[int], bytes]
_OPENS_HOME = b"colloque 1 home key"


class Home:
    """Everything one identity knows, in one encrypted database under `folder`."""

    def __init__(self, folder: Path, database: Database, random: Random, clock: Callable[[], int]) -> None:
        self.folder = folder
        self.database = database
        self.random = random
        self.clock = clock
        self.talks = Talks(database)
        self.steps = Steps(database, self.talks)
        self.signals = self.steps.signals
        self.intake = Intake(database, self.talks, self.steps)
        self.outbox = Outbox(database, self.talks, self.steps)
        self.leaving = Leaving(database, self.talks, self.steps)
        self.queues = Queues(database, self.talks)
        self.invitations = Invitations(database, self.talks)
        self.messages = Messages(database, self.talks, clock)
        self.people = People(database)
        self.inbox = Inbox(database, self.messages)
        self.search = Search(database, self.messages)
        self.reports = Reports(database)
        self.newcomers = Newcomers(database, self.steps, self.people)
        self.spool = Spool(folder, database.step)
        self.transfers = Transfers(database, self.spool, lambda: self.keeps_own)
        self.upkeep = Upkeep(database, self.talks, self.steps)
        self._identity: Identity | None = None
        self._seen = -1
        self.refusal = ""

    @classmethod
    def create(
        cls,
        folder: Path,
        passphrase: str | None,
        identity: Identity,
        *,
        random: Random,
        clock: Callable[[], int],
        step: Step = no_step,
    ) -> Home:
        """A new home; raises `Locked` where one is there already, or where its key can be kept nowhere."""

        def fill(database: Database) -> None:
            cls(folder, database, random, clock).set_identity(identity)

        return cls(folder, found(folder, passphrase, random, fill, step), random, clock)

    @classmethod
    def open(
        cls,
        folder: Path,
        passphrase: str | None,
        *,
        random: Random,
        clock: Callable[[], int],
        step: Step = no_step,
    ) -> Home:
        """Raises `Locked`."""
        return cls.with_key(folder, vault.unlock(folder, passphrase), random=random, clock=clock, step=step)

    @classmethod
    def with_key(
        cls,
        folder: Path,
        key: DatabaseKey,
        *,
        random: Random,
        clock: Callable[[], int],
        step: Step = no_step,
    ) -> Home:
        """For whoever had the key stretched beforehand, in another thread than the one that uses the home. Raises `Locked`."""
        if not (folder / DATABASE).exists():
            raise Locked(f"there is no identity in {folder}: make one with `colloque init`")
        home = cls(folder, Database(folder, key, step), random, clock)
        _ = home.identity
        return home

    def backup(self, target: Path, passphrase: str | None) -> None:
        """Opened by the passphrase, where one is given, and by the recovery sheet, where there is one."""
        write_backup(self.database, target, passphrase, self.recovery_key(), self.random)

    @classmethod
    def backup_beside(cls, folder: Path, sheet: RecoveryKey, target: Path, random: Random) -> None:
        """A backup that the recovery sheet opens, of a home that may be open in another thread: by a connection of its own.
        Raises `Locked` where it is not this home's sheet, and `OSError`."""
        database = Database(folder, cls._key_by_sheet(folder, sheet))
        try:
            write_backup(database, target, None, sheet, random)
        finally:
            database.close()

    # --- the recovery sheet ---

    def recovery_key(self) -> RecoveryKey | None:
        """None where no sheet was made yet."""
        raw = self.setting("recovery-key")
        return None if raw is None else RecoveryKey(raw)

    def make_sheet(self, passphrase: str | None) -> RecoveryKey:
        """The sheet of this home, made at the first call; it opens this home and every backup from now on. The passphrase
        is that of this home; raises `Locked`."""
        return self.make_sheet_for(vault.unlock(self.folder, passphrase))

    def make_sheet_for(self, key: DatabaseKey) -> RecoveryKey:
        """The same for whoever has this home's key already."""
        with self.database.transaction():
            sheet = self.recovery_key() or new_recovery_key(self.random)
            self.set_setting("recovery-key", sheet.raw)
        vault.add_sheet(self.folder, sheet.seal(key.raw, _OPENS_HOME, self.random), self.database.step)
        return sheet

    @staticmethod
    def new_passphrase(folder: Path, sheet: RecoveryKey, passphrase: str, random: Random) -> None:
        """A forgotten passphrase is replaced by whoever has the sheet; raises `Locked`."""
        vault.wrap(folder, Home._key_by_sheet(folder, sheet), passphrase, random)

    @staticmethod
    def _key_by_sheet(folder: Path, sheet: RecoveryKey) -> DatabaseKey:
        return DatabaseKey(sheet.open(vault.by_sheet(folder), _OPENS_HOME))

    @classmethod
    def restore(
        cls,
        folder: Path,
        source: Path,
        secret: Secret,
        passphrase: str | None,
        *,
        random: Random,
        clock: Callable[[], int],
        step: Step = no_step,
    ) -> Home:
        """A new home from a backup, opened by its passphrase or the recovery sheet; every conversation in it asks to come
        back. Raises `Locked`."""

        def fill(database: Database) -> None:
            fill_from_backup(database, source, secret, folder)
            home = cls(folder, database, random, clock)
            with database.transaction():
                home.steps.lose_all(home.context(), asked=False)

        return cls(folder, found(folder, passphrase, random, fill, step), random, clock)

    @property
    def identity(self) -> Identity:
        version = self.database.version()
        if self._identity is None or version != self._seen:
            # Another program may have given it a new token.
            self._seen = version
            row = self.database.one("SELECT value FROM setting WHERE name = 'identity'")
            if row is None:
                raise Locked("this home was never finished: remove it and run `colloque init` again")
            source = Reader(row[0])
            self._identity = Identity(
                source.fixed(32), Profile.read_from(source), source.text(255), source.opaque(64)
            )
        return self._identity

    def set_identity(self, identity: Identity) -> None:
        out = identity.profile.write_to(Writer().fixed(identity.seed, 32))
        self.set_setting("identity", out.text(identity.relay, 255).opaque(identity.token, 64).done())
        self._identity = identity

    def set_token(self, token: bytes) -> None:
        """The relay's token from now on, also for what waits there for one."""
        old = self.identity
        with self.database.transaction():
            self.set_identity(replace(old, token=token))
            self.database.execute(
                "UPDATE queue SET grant_ = ? WHERE state = 'wanted' AND relay = ? AND grant_ = ?",
                *(token, old.relay, old.token),
            )

    def setting(self, name: str) -> bytes | None:
        row = self.database.one("SELECT value FROM setting WHERE name = ?", name)
        return None if row is None else row[0]

    def set_setting(self, name: str, value: bytes) -> None:
        with self.database.transaction():
            self.database.execute("INSERT OR REPLACE INTO setting VALUES (?,?)", name, value)

    def context(self) -> Context:
        """Who, when, and randomness, for the rules."""
        return Context(self.identity, self.clock(), self.random)

    # --- what the engine needs in passing ---

    @property
    def tells_reading(self) -> bool:
        """Whether authors are told that they were read (`spec/sessions.md` S24)."""
        return self.setting("tells-reading") != b"no"

    @property
    def keeps_own(self) -> bool:
        """Whether documents of one's own stay here after they were sent, sealed, to be looked at again."""
        return self.setting("keeps-own") == b"yes"

    def note_refusal(self, words: str) -> None:
        """Why a relay would not, for whoever waits for it."""
        self.refusal = words

    def database_step(self, name: str) -> None:
        self.database.step(name)

    def talk_queue(self, conversation: bytes) -> bytes:
        """The read capability of the conversation's own queue: the right to store chunks beside it."""
        talk = self.talks.load(conversation)
        return b"" if talk is None else talk.conversation.queue.read

    def upkeep_queue_position(self, queue: bytes, confirmed: Position) -> None:
        """Where the relay stands. Behind what is known here: it forgot, and doubles are told by their ids. Ahead: this
        home was put back to an earlier state, and must not send before it has recovered."""
        known = Position(*self.queues.position(queue))
        if confirmed < known:
            self.queues.set_position(queue, confirmed)
        elif confirmed > known:
            self.rolled_back(queue, confirmed)

    def rolled_back(self, queue: bytes, confirmed: Position) -> None:
        """Nothing is sent with keys that may have been used: every conversation is lost, and asks to come back."""
        with self.database.transaction():
            self.queues.set_position(queue, confirmed)
            self.steps.lose_all(self.context(), asked=True)

    def close(self) -> None:
        self.database.close()
