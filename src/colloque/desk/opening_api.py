"""First start, locking and unlocking, the recovery sheet, backups."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import tempfile
from pathlib import Path
from typing import BinaryIO, Final

from aiohttp import BodyPartReader, web

from colloque.client.client import Client
from colloque.client.tokens import check_token
from colloque.desk.asked import Asked
from colloque.desk.desk import Desk, Standing
from colloque.desk.shapes import Shape
from colloque.store.client import vault
from colloque.store.client.home import Home
from colloque.store.client.sheet import LANGUAGES, RecoveryKey
from colloque.wire.codec import WireError
from colloque.wire.profile import Profile

SECRET: Final = 1024
BACKUP_BYTES: Final = 8 << 30
LEFT_OVER: Final = "passing-"
"""How files begin that lie in the home only while they pass through; sealed, all of them."""
_PIECE: Final = 1 << 20


def sweep(folder: Path) -> None:
    """Takes away what a stop in the middle left."""
    for path in folder.glob(f"{LEFT_OVER}*"):
        path.unlink(missing_ok=True)


class OpeningApi:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.AbstractRouteDef]:
        return [
            web.get("/api/state", self.state),
            web.post("/api/first", self.first),
            web.post("/api/relay", self.ask_relay),
            web.post("/api/unlock", self.unlock),
            web.post("/api/lock", self.lock),
            web.post("/api/here", self.here),
            web.post("/api/consultation", self.consultation),
            web.post("/api/passphrase", self.passphrase),
            web.post("/api/sheet", self.sheet),
            web.get("/api/backup", self.backup),
            web.post("/api/restore", self.restore),
        ]

    async def state(self, _request: web.Request) -> web.Response:
        """Where the desk stands; who its practitioner is only where it is open."""
        desk, me = self._desk, None
        if desk.standing is Standing.OPEN:
            identity = desk.client.home.identity
            profile = identity.profile
            me = {
                "key": identity.key.hex(),
                "name": profile.name,
                "profession": profile.profession,
                "rpps": profile.rpps,
                "relay": identity.relay,
            }
        passphrase = desk.standing is not Standing.NEW and vault.wants_passphrase(desk.folder)
        shape = {"standing": desk.standing.value, "passphrase": passphrase, "me": me}
        if me is not None:
            shape["consulting"] = desk.consulting
            shape["reached"] = not desk.client.unreachable()
        return web.json_response(shape)

    async def ask_relay(self, request: web.Request) -> web.Response:
        """Whether a relay answers and wants a token, before there is a home."""
        limits = await Client.ask((await Asked.of(request)).text("relay", 255))
        return web.json_response({"wantsToken": limits.creation != "open"})

    async def first(self, request: web.Request) -> web.Response:
        asked = await Asked.of(request)
        profile = Profile(
            asked.text("name"), asked.text("profession", default=""), asked.text("rpps", 11, "")
        )
        given = asked.text("token", 64, "")
        token = check_token(given) if given else b""
        passphrase = asked.text("passphrase", SECRET)
        sheet = await self._desk.first(profile, asked.text("relay", 255), token, passphrase)
        return web.json_response(_words(sheet))

    async def unlock(self, request: web.Request) -> web.Response:
        await self._desk.unlock((await Asked.of(request)).maybe("passphrase", SECRET))
        return web.json_response({})

    async def lock(self, request: web.Request) -> web.Response:
        """The screen; or, with `keys`, everything readable."""
        if (await Asked.of(request)).flag("keys"):
            await self._desk.drop_keys()
        else:
            self._desk.lock()
        return web.json_response({})

    async def here(self, _request: web.Request) -> web.Response:
        """Somebody moved or typed: the screen stays open."""
        _ = self._desk.client
        self._desk.used()
        return web.json_response({})

    async def consultation(self, request: web.Request) -> web.Response:
        """While one lasts the screen does not lock."""
        _ = self._desk.client
        self._desk.consulting = (await Asked.of(request)).flag("on")
        self._desk.used()
        return web.json_response({})

    async def passphrase(self, request: web.Request) -> web.Response:
        """Another passphrase: for whoever knows the old one, or has the recovery sheet."""
        asked = await Asked.of(request)
        old, new = asked.maybe("old", SECRET), asked.text("new", SECRET)
        if old is None:
            await self._desk.new_passphrase(asked.text("words", SECRET), new)
        else:
            await self._desk.change_passphrase(old, new)
        return web.json_response({})

    async def sheet(self, request: web.Request) -> web.Response:
        """The recovery sheet, to print again; the passphrase is asked for again."""
        passphrase = (await Asked.of(request)).maybe("passphrase", SECRET)
        return web.json_response(_words(await self._desk.sheet(passphrase)))

    async def backup(self, request: web.Request) -> web.StreamResponse:
        """One file, which the recovery sheet opens."""
        home = self._desk.client.home
        sheet = home.recovery_key()
        if sheet is None:
            raise WireError("make a recovery sheet first: it is what opens the backup")
        path = home.folder / f"{LEFT_OVER}{secrets.token_hex(8)}"
        try:
            await asyncio.to_thread(Home.backup_beside, home.folder, sheet, path, os.urandom)
            response = web.StreamResponse(
                headers={
                    "Content-Type": "application/octet-stream",
                    "Content-Disposition": 'attachment; filename="colloque.backup"',
                    "Content-Length": str(path.stat().st_size),
                }
            )
            await response.prepare(request)
            with path.open("rb") as file:
                while piece := await asyncio.to_thread(file.read, _PIECE):
                    await response.write(piece)
            await response.write_eof()
        finally:
            path.unlink(missing_ok=True)
        return response

    async def restore(self, request: web.Request) -> web.Response:
        """A multipart form: `words` or `backupPassphrase`, `passphrase` (the new one), then `file`."""
        if self._desk.standing is not Standing.NEW:
            raise WireError("there is a home here already: a backup is restored where there is none")
        if request.content_type != "multipart/form-data":
            raise WireError("a backup is given as a form with a file")
        fields: dict[str, str] = {}
        handle, name = tempfile.mkstemp(prefix=LEFT_OVER, dir=self._desk.folder)
        source = Path(name)
        try:
            with os.fdopen(handle, "wb") as out:
                async for part in await request.multipart():
                    if not isinstance(part, BodyPartReader):
                        raise WireError("a backup is given as a form with a file")
                    if part.name == "file":
                        await _take(part, out)
                    elif len(fields) < 4 and part.name is not None:
                        fields[part.name] = (await part.read_chunk(SECRET)).decode("utf-8", "replace")
            words = fields.get("words", "")
            secret = RecoveryKey.from_words(words) if words else fields.get("backupPassphrase", "")
            await self._desk.restore(source, secret, fields.get("passphrase", ""))
        finally:
            with contextlib.suppress(OSError):
                source.unlink()
        return web.json_response({})


async def _take(part: BodyPartReader, out: BinaryIO) -> None:
    size = 0
    while piece := await part.read_chunk(_PIECE):
        size += len(piece)
        if size > BACKUP_BYTES:
            raise WireError("that file is no backup")
        await asyncio.to_thread(out.write, piece)


def _words(sheet: RecoveryKey) -> Shape:
    return {"words": {language: list(sheet.words(language)) for language in LANGUAGES}}
