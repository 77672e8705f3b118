"""The desk's own state: no home yet, keys dropped, screen locked, or open; and the one `Client` that it holds."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from pathlib import Path
from typing import Final

from colloque.client.client import Client, now_ms
from colloque.client.lease import Lease
from colloque.desk.refused import Closed, TooSoon
from colloque.store.client import vault
from colloque.store.client.database import DATABASE
from colloque.store.client.home import Home
from colloque.store.client.sheet import RecoveryKey
from colloque.wire.codec import WireError
from colloque.wire.profile import Profile

PASSPHRASE_CHARACTERS: Final = 10
"""The fewest: a passphrase guards everything, also from whoever has copied the disk."""
FREE_TRIES: Final = 5
LONGEST_PAUSE_S: Final = 60.0


class Standing(StrEnum):
    NEW = "new"
    """There is no home yet."""
    CLOSED = "closed"
    """The keys are not in memory; nothing is fetched."""
    LOCKED = "locked"
    """The screen is locked; mail goes on arriving."""
    OPEN = "open"


class Desk:
    """Every method runs in the loop's thread, which does not wait for passphrases to be stretched. `ran`: a clock in seconds
    that does not jump."""

    def __init__(self, folder: Path, ran: Callable[[], float] = time.monotonic) -> None:
        self.folder = folder
        self.lease = Lease(folder, "desk")
        self.consulting = False
        self.call: bytes | None = None
        """What the page goes back to after it is opened anew in the middle of a call."""
        self.standing_changed: Callable[[], None] = lambda: None
        self._ran = ran
        self._locked = False
        self._client: Client | None = None
        self._opened: AbstractAsyncContextManager[Client] | None = None
        self._one_at_a_time = asyncio.Lock()
        self._wrong, self._not_before = 0, 0.0
        self.used_at = ran()

    @property
    def standing(self) -> Standing:
        if self._client is not None:
            return Standing.LOCKED if self._locked else Standing.OPEN
        return Standing.CLOSED if (self.folder / DATABASE).exists() else Standing.NEW

    @property
    def client(self) -> Client:
        """Raises `Closed` unless the desk is open."""
        if self._client is None or self._locked:
            raise Closed
        return self._client

    @property
    def running(self) -> Client | None:
        """Also behind a locked screen."""
        return self._client

    def used(self) -> None:
        """Somebody is at the desk."""
        self.used_at = self._ran()

    # --- opening ---

    async def first(self, profile: Profile, relay: str, token: bytes, passphrase: str) -> RecoveryKey:
        """A new home, opened; its recovery sheet. Raises `Taken`, `Locked` or `WireError`."""
        check_passphrase(passphrase)
        async with self._one_at_a_time:
            await Client.create(self.folder, relay=relay, profile=profile, passphrase=passphrase, token=token)
            client = await self._open(passphrase)
            return await self._make_sheet(client, passphrase)

    async def restore(self, source: Path, secret: str | RecoveryKey, passphrase: str) -> None:
        """A home from a backup, opened under a new passphrase. Raises `Taken` or `Locked`."""
        check_passphrase(passphrase)
        async with self._one_at_a_time:
            await asyncio.to_thread(_restore, self.folder, source, secret, passphrase)
            await self._make_sheet(await self._open(passphrase), passphrase)

    async def unlock(self, passphrase: str | None) -> None:
        """Raises `Locked`, and `TooSoon` after some wrong ones."""
        async with self._one_at_a_time:
            if self._ran() < self._not_before:
                raise TooSoon("too many wrong passphrases: wait a minute")
            try:
                if self._client is None:
                    await self._open(passphrase)
                else:
                    await asyncio.to_thread(vault.unlock, self.folder, passphrase)
            except vault.Locked:
                self._wrong += 1
                if self._wrong >= FREE_TRIES:
                    self._not_before = self._ran() + min(LONGEST_PAUSE_S, 2.0 ** (self._wrong - FREE_TRIES))
                raise
            self._wrong, self._locked = 0, False
            self.used()
            self.standing_changed()

    async def new_passphrase(self, words: str, passphrase: str) -> None:
        """Whoever has the recovery sheet chooses another passphrase; raises `Locked`."""
        check_passphrase(passphrase)
        async with self._one_at_a_time:
            sheet = RecoveryKey.from_words(words)
            await asyncio.to_thread(Home.new_passphrase, self.folder, sheet, passphrase, os.urandom)
        await self.unlock(passphrase)

    async def change_passphrase(self, old: str, new: str) -> None:
        """Raises `Locked` where the old one is wrong."""
        check_passphrase(new)
        await self.unlock(old)
        async with self._one_at_a_time:
            key = await asyncio.to_thread(vault.unlock, self.folder, old)
            await asyncio.to_thread(vault.wrap, self.folder, key, new, os.urandom)

    async def sheet(self, passphrase: str | None) -> RecoveryKey:
        """The recovery sheet of an open desk, for whoever knows its passphrase; raises `Closed`, `Locked` or `TooSoon`."""
        _ = self.client
        await self.unlock(passphrase)
        async with self._one_at_a_time:
            return await self._make_sheet(self.client, passphrase)

    async def _make_sheet(self, client: Client, passphrase: str | None) -> RecoveryKey:
        key = await asyncio.to_thread(vault.unlock, self.folder, passphrase)
        return client.home.make_sheet_for(key)

    async def _open(self, passphrase: str | None) -> Client:
        opened = Client.open(self.folder, passphrase=passphrase)
        client = await opened.__aenter__()
        self._opened, self._client, self._locked = opened, client, False
        client.home.newcomers.wait_for_admission(True)
        client.home.set_setting("keeps-own", b"yes")
        self.used()
        self.standing_changed()
        return client

    # --- closing ---

    def lock(self) -> None:
        """The screen only: the engine goes on."""
        if self._client is not None and not self._locked:
            self._locked = True
            self.standing_changed()

    async def drop_keys(self) -> None:
        """Nothing readable stays open; mail waits at the relay."""
        async with self._one_at_a_time:
            opened, self._opened, self._client, self._locked = self._opened, None, None, False
            self.consulting, self.call = False, None
            if opened is not None:
                try:
                    await opened.__aexit__(None, None, None)
                finally:
                    self.standing_changed()


def _restore(folder: Path, source: Path, secret: str | RecoveryKey, passphrase: str) -> None:
    Home.restore(folder, source, secret, passphrase, random=os.urandom, clock=now_ms).close()


def check_passphrase(passphrase: str) -> None:
    """Raises `WireError` where it is too short to guard a home."""
    if len(passphrase) < PASSPHRASE_CHARACTERS:
        raise WireError("a passphrase wants 10 characters at least: four or five words are best")
