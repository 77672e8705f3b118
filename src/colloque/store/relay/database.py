"""The relay's database: one thread owns it, and commits what came together in one transaction (`spec/relay.md` R11).

A job is a function of the connection. Its answer is given only after the commit that holds it has reached the disk. Jobs
run in the order in which they came, and their answers are given in that order too.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import filelock

from colloque.protocol.mailbox.rules import Refusal
from colloque.store.relay.reserve import Reserve
from colloque.store.relay.schema import MIGRATIONS
from colloque.store.relay.usage import Usage
from colloque.store.step import Step, no_step
from colloque.wire.frames.answers import Code

T = TypeVar("T")
Job = Callable[[sqlite3.Connection], Any]
Done = Callable[[Any, BaseException | None], None]

DATABASE: Final = "relay.db"
LOCK: Final = "relay.lock"
BATCH: Final = 512
CLEAN_EVERY_S: Final = 1.5
_STOP: Final = None


def open_database(folder: Path, step: Step = no_step) -> sqlite3.Connection:
    """With everything that keeps the relay's word: synced commits, and deleted bytes overwritten."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    db = sqlite3.connect(folder / DATABASE, isolation_level=None, check_same_thread=False, timeout=30)
    for pragma in (
        "page_size=16384",
        "journal_mode=WAL",
        "synchronous=FULL",
        "secure_delete=ON",
        "wal_autocheckpoint=1000",
        "temp_store=MEMORY",
        "cache_size=-16384",
    ):
        db.execute(f"PRAGMA {pragma}")
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        raise RuntimeError("this data folder was written by a newer version of Colloque")
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        lines = (line for line in script.splitlines() if not line.strip().startswith("--"))
        db.execute("BEGIN IMMEDIATE")
        for statement in "\n".join(lines).split(";"):
            if statement.strip():
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {number}")
        step("before migration")
        db.execute("COMMIT")
        step("migrated")
    return db


def raise_incarnation(db: sqlite3.Connection, step: Step = no_step) -> int:
    """The next incarnation, on the disk before anybody is answered (R8)."""
    db.execute("BEGIN IMMEDIATE")
    db.execute("UPDATE relay SET incarnation = incarnation + 1")
    number = int(db.execute("SELECT incarnation FROM relay").fetchone()[0])
    step("before incarnation")
    db.execute("COMMIT")
    step("incarnation raised")
    return number


class InUse(RuntimeError):
    """Another relay runs on this data folder: two would hand out, and delete, each other's mail."""


class RelayDatabase:
    """Start it inside the event loop; `run` and `post` may then be called from that loop. Raises `InUse`."""

    def __init__(self, folder: Path, step: Step = no_step) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        # The system lets go of it when this program dies, however it dies.
        self._lock = filelock.FileLock(folder / LOCK, thread_local=False)
        try:
            self._lock.acquire(timeout=0)
        except filelock.Timeout:
            raise InUse("another relay runs on this data folder") from None
        self._reserve = Reserve(folder, step)
        self._reserve.release()
        self._db = open_database(folder, step)
        self.incarnation = raise_incarnation(self._db, step)
        self.usage = Usage(self.incarnation)
        self.step = step
        self._loop = asyncio.get_running_loop()
        self._jobs: queue.SimpleQueue[tuple[Job, Done] | None] = queue.SimpleQueue()
        self._dirty = True
        self._cleaned = 0.0
        self._reserve.hold()
        self._thread = threading.Thread(target=self._work, name="relay-database", daemon=True)
        self._thread.start()

    def post(self, job: Job, done: Done) -> None:
        """Runs `job`; `done(answer, None)` or `done(None, error)` comes in the event loop, in order."""
        self._jobs.put((job, done))

    async def run(
        self, job: Callable[[sqlite3.Connection], T], at_once: Callable[[T], None] | None = None
    ) -> T:
        """The job's answer. `at_once` is given it first, in the order of the commits."""
        future: asyncio.Future[T] = self._loop.create_future()

        def done(answer: Any, error: BaseException | None) -> None:
            if error is None and at_once is not None:
                at_once(answer)
            if future.done():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(answer)

        self.post(job, done)
        return await future

    async def close(self) -> None:
        """After what was posted before; leaves no log behind."""
        self._jobs.put(_STOP)
        await asyncio.to_thread(self._thread.join)
        self._lock.release()

    # --- the thread ---

    def _work(self) -> None:
        running = True
        while running:
            batch: list[tuple[Job, Done]] = []
            try:
                item = self._jobs.get(timeout=CLEAN_EVERY_S if self._dirty else 60)
                while True:
                    if item is _STOP:
                        running = False
                        break
                    batch.append(item)
                    if len(batch) >= BATCH:
                        break
                    item = self._jobs.get_nowait()
            except queue.Empty:
                pass
            if batch:
                self._commit(batch)
            if self._dirty and (not running or time.monotonic() - self._cleaned >= CLEAN_EVERY_S):
                self._clean()
        self._db.close()

    def _commit(self, batch: list[tuple[Job, Done]]) -> None:
        try:
            answers = self._try(batch)
        except Exception:  # noqa: BLE001 - whatever a job meets, the thread goes on
            # One that cannot be carried out does not take the others with it.
            answers = [self._try_alone(job, done) for job, done in batch]
        self.step("committed")
        self._loop.call_soon_threadsafe(_answer, answers)

    def _try_alone(self, job: Job, done: Done) -> tuple[Done, Any, BaseException | None]:
        answer = self._try_twice(job, done)
        failed = getattr(job, "failed", None)
        if failed is not None and answer[2] is not None and not isinstance(answer[2], Refusal):
            answer = done, None, Refusal(Code.FULL, 30_000)
        if failed is not None and isinstance(answer[2], Refusal):
            failed(answer[2])
        return answer

    def _try_twice(self, job: Job, done: Done) -> tuple[Done, Any, BaseException | None]:
        try:
            return self._try([(job, done)])[0]
        except Exception as error:  # noqa: BLE001
            if not _is_full(error):
                return done, None, error
        if getattr(job, "takes_room", False):
            return done, None, Refusal(Code.FULL, 30_000)
        # Reading, confirming and deleting go on: what was held in reserve for this is let go (R23).
        self._reserve.release()
        try:
            return self._try([(job, done)])[0]
        except Exception as error:  # noqa: BLE001
            return done, None, Refusal(Code.FULL, 30_000) if _is_full(error) else error

    def _try(self, batch: list[tuple[Job, Done]]) -> list[tuple[Done, Any, BaseException | None]]:
        answers: list[tuple[Done, Any, BaseException | None]] = []
        total = self.usage.total
        self._db.execute("BEGIN IMMEDIATE")
        try:
            for job, done in batch:
                changes = self._db.total_changes
                try:
                    answers.append((done, job(self._db), None))
                except Refusal as refusal:
                    answers.append((done, None, refusal))
                if self._db.total_changes != changes and not hasattr(job, "only_adds"):
                    self._dirty = True
            self.step("before commit")
            self._db.execute("COMMIT")
        except BaseException:
            self.usage.total = total
            self.usage.lose_counts()
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        return answers

    def _clean(self) -> None:
        """Empties the log into the table, so that overwritten bytes are overwritten on the disk too (R24)."""
        try:
            busy = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.Error:
            busy = 1
        self._cleaned = time.monotonic()
        self._dirty = bool(busy)
        if not busy:
            self._reserve.hold()
        self.step("cleaned")


def _is_full(error: Exception) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


def _answer(answers: list[tuple[Done, Any, BaseException | None]]) -> None:
    for done, answer, error in answers:
        done(answer, error)
