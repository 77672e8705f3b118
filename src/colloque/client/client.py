"""The library: `async with Client.open(home, passphrase=...) as client:`.

Everything that is asked for is written into the home first, and then carried out, at once or when the line is back. Several
programs may use one home at the same time; one of them runs the engine.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import mimetypes
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

import aiohttp

from colloque.client.ahead import Ahead
from colloque.client.engine import Engine
from colloque.client.lease import Lease
from colloque.client.opening import opened
from colloque.client.relay.errors import NoQueue, RelayError
from colloque.client.relay.http import RelayHttp, RelayLimits
from colloque.client.saving import save_document, saveable
from colloque.protocol.session import answer as answering
from colloque.protocol.session.admit import dismiss, restate
from colloque.protocol.session.block import cut_off, open_again
from colloque.protocol.session.effects import Effect
from colloque.protocol.session.greet import Host, greet
from colloque.protocol.session.model import Context, Identity, Phase, Talk
from colloque.protocol.session.renew import renew_now
from colloque.store.client import vault
from colloque.store.client.chunking import described
from colloque.store.client.home import Home
from colloque.store.client.messages import Entry, Letter
from colloque.store.client.people import Contact, Gathering
from colloque.store.client.spool import Pieces
from colloque.store.step import Step, no_step
from colloque.wire.address import check_origin
from colloque.wire.card import Card
from colloque.wire.codec import WireError, Writer
from colloque.wire.content.document import Document
from colloque.wire.content.text import Text
from colloque.wire.links import Link, LinkKind
from colloque.wire.profile import Profile
from colloque.wire.signing import safety_number

POLL_S: Final = 0.05
REACHED: Final = {
    "accepted": ("accepted", "delivered", "read"),
    "delivered": ("delivered", "read"),
    "read": ("read",),
}


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def _is_copy(known: Entry, conversation: bytes, path: Path) -> bool:
    """Whether a file is the one that was sent before; raises `WireError` where it, or its recipient, is another. What was
    sent outlives its file."""
    document = known.document
    if document is not None and known.conversation == conversation and document.name == path.name:
        if not path.exists():
            return True
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").digest() == document.sha256:
                return True
    raise WireError("this key was used before, for something else or somebody else")


@dataclass(frozen=True, slots=True)
class Invited:
    """`ready`: the link works already; otherwise it will, once the relay has been reached."""

    id: bytes
    link: str
    ready: bool


def new_session() -> aiohttp.ClientSession:
    """No cookies, and no redirects: what is shown to a relay is not for anybody it names."""

    async def refuse(*_: object) -> None:
        raise aiohttp.ClientConnectionError("a relay does not send its clients elsewhere")

    straight = aiohttp.TraceConfig()
    straight.on_request_redirect.append(refuse)
    jar = aiohttp.DummyCookieJar()
    return aiohttp.ClientSession(cookie_jar=jar, auto_decompress=False, trace_configs=[straight])


class Client:
    """Use `Client.open`."""

    def __init__(self, home: Home, session: aiohttp.ClientSession) -> None:
        self.home = home
        self._session = session
        self._lease = Lease(home.folder, "engine")
        self._showing = Lease(home.folder, "show")
        self._ahead = Ahead(home)
        self._turn = object()
        self._engine: Engine | None = None
        self._elsewhere = False
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    @classmethod
    async def create(
        cls,
        folder: Path,
        *,
        relay: str,
        profile: Profile,
        passphrase: str | None = None,
        token: bytes = b"",
        step: Step = no_step,
    ) -> Identity:
        """A new identity in a new home; raises `Locked`, or `WireError` where a name or number is not fit."""
        profile.write_to(Writer())
        identity = Identity(os.urandom(32), profile, check_origin(relay.rstrip("/")), token)

        def make() -> None:
            Home.create(folder, passphrase, identity, random=os.urandom, clock=now_ms, step=step).close()

        await asyncio.to_thread(make)
        return identity

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        folder: Path | str,
        *,
        passphrase: str | None = None,
        engine: bool = True,
        clock: Callable[[], int] = now_ms,
        step: Step = no_step,
    ) -> AsyncIterator[Client]:
        """Raises `Locked`. With `engine=False` nothing is sent or fetched by this program."""
        folder = Path(folder)
        # Stretching a passphrase takes its time; the database belongs to the thread that opens it.
        key = await asyncio.to_thread(vault.unlock, folder, passphrase)
        home = Home.with_key(folder, key, random=os.urandom, clock=clock, step=step)
        session = new_session()
        client = cls(home, session)
        try:
            if engine:
                client._task = asyncio.get_running_loop().create_task(client._keep())
            yield client
            client.check_engine()
        finally:
            await client._stop()
            await session.close()
            home.close()

    @classmethod
    async def ask(cls, relay: str) -> RelayLimits:
        """What a relay says of itself, before there is a home; raises `WireError` or a `RelayError`."""
        async with aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
        ) as session:
            return await RelayHttp(check_origin(relay.rstrip("/")), session).capabilities()

    async def _keep(self) -> None:
        """Runs the engine whenever no other program does."""
        while not self._lease.take():
            self._elsewhere = True
            await asyncio.sleep(POLL_S)
            self._changed.set()
        self._elsewhere = False
        self.home.transfers.sweep(self.home.clock())
        self._ahead.sweep()
        self._engine = Engine(self.home, self._session, self._changed.set, self._ahead)
        await self._engine.run()

    async def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            # What it died of was raised already, by whoever waited for something.
            await asyncio.gather(self._task, return_exceptions=True)
        self._ahead.close()
        self._lease.release()

    def _wake(self) -> None:
        if self._engine is not None:
            self._engine.wake()

    def check_engine(self) -> None:
        """Raises what the engine died of, if it did: it is not to be hidden."""
        if self._task is not None and self._task.done() and not self._task.cancelled():
            error = self._task.exception()
            if error is not None:
                raise error

    async def until(self, reached: Callable[[], bool], timeout: float | None) -> bool:
        """Waits until `reached()`; False where `timeout` seconds were over first."""
        loop = asyncio.get_running_loop()
        end = None if timeout is None else loop.time() + timeout
        while not reached():
            self.check_engine()
            left = POLL_S if end is None else min(POLL_S, end - loop.time())
            if left <= 0:
                # Whoever asks again and again leaves the engine its turns.
                await asyncio.sleep(0.01)
                return False
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._changed.wait()
        return True

    # --- links ---

    async def relay_limits(self) -> RelayLimits:
        """What this home's relay says of itself; raises `Unreachable` or `UnsafeRelay`."""
        return await RelayHttp(self.home.identity.relay, self._session).capabilities()

    async def invite(self, for_name: str = "", seconds: int = 7 * 86_400, timeout: float = 15.0) -> Invited:
        """A personal link, good for one person and until it expires."""
        return await self._published(
            self.home.invitations.invite(self.home.context(), for_name, seconds), timeout
        )

    async def card(self, timeout: float = 15.0) -> Invited:
        """The public link: the same at every call."""
        return await self._published(self.home.invitations.card(self.home.context()), timeout)

    async def _published(self, ident: bytes, timeout: float) -> Invited:
        self.home.note_refusal("")
        self._wake()
        invitations = self.home.invitations

        def ready() -> bool:
            return invitations.state(ident) != "wanted"

        await self.until(lambda: ready() or bool(self.home.refusal) or self.unreachable(), timeout)
        return Invited(ident, invitations.link(ident).encode(), ready())

    async def look(self, link_text: str) -> tuple[Link, Host]:
        """Whom a link leads to, checked against its pin; raises `WireError` or a `RelayError`. Nothing is sent to them."""
        link = Link.decode(link_text)
        try:
            sealed = await RelayHttp(link.relay, self._session).get_card(link.locator)
        except NoQueue:
            raise WireError("this link has expired, or was used already: ask for a new one") from None
        found = opened(link, sealed, self.home.clock() // 1000)
        if isinstance(found, Card):
            self._newest_card(found)
            lasting = found.lasting
            return link, Host(lasting.signature_key, found.profile, lasting.contact, found.hpke_key)
        return link, Host(found.signature_key, found.profile, found.queue, found.hpke_key, found.grant)

    def _newest_card(self, card: Card) -> None:
        """A relay cannot serve an older card than one that was seen (`spec/wire.md` W13)."""
        name = f"card {card.lasting.signature_key.hex()}"
        known = self.home.setting(name)
        if known is not None and int.from_bytes(known, "big") > card.serial:
            raise WireError("the relay serves an older card than it did before")
        self.home.set_setting(name, card.serial.to_bytes(8, "big"))

    async def accept(self, link_text: str, first_words: str = "") -> bytes:
        """Follows a link: the new conversation's id. The hello is in line when this returns."""
        link, host = await self.look(link_text)
        with self.home.database.transaction():
            known = self.home.setting(f"followed {link.pin.hex()}")
            if known is not None and (link.kind is LinkKind.INVITATION or self._goes_on(known)):
                return known
            talk, effects = greet(self.home.context(), link, host, first_words)
            self.home.steps.begin(self.home.context(), talk, effects)
            if link.kind is LinkKind.INVITATION:
                self.home.talks.mark_personal(talk.conversation.id)
            self.home.set_setting(f"followed {link.pin.hex()}", talk.conversation.id)
        self._wake()
        return talk.conversation.id

    def _goes_on(self, conversation: bytes) -> bool:
        talk = self.home.talks.load(conversation)
        return talk is not None and talk.conversation.phase in (Phase.WAITING, Phase.OPEN)

    # --- people ---

    def contacts(self) -> list[Contact]:
        return self.home.people.contacts()

    def gatherings(self) -> list[Gathering]:
        return self.home.people.gatherings()

    def find(self, who: str) -> bytes:
        """Raises `NotFound`."""
        return self.home.people.find(who)

    def safety_number(self, contact: Contact) -> str:
        return safety_number(self.home.identity.key, contact.key)

    # --- messages ---

    async def send(
        self, who: str | bytes, *, text: str = "", files: Sequence[Path] = (), key: str | None = None
    ) -> list[Entry]:
        """Puts a text and files in line, in this order: all of them, or none where one cannot be read.

        The same `key` again sends nothing and gives what was sent; with another recipient or content it is refused by
        `WireError`.
        """
        conversation = who if isinstance(who, bytes) else self.find(who)
        home, ctx, letters = self.home, self.home.context(), []
        names = [f"{key}/{n}" if key else None for n in range(1 + len(files))]
        try:
            if text:
                letters.append(Letter(os.urandom(16), Text(text), names[0]))
            for path, name in zip(files, names[1:], strict=True):
                known = home.messages.by_key(name) if name else None
                if known is not None and await asyncio.to_thread(_is_copy, known, conversation, path):
                    letters.append(Letter(known.id, known.document, name))  # type: ignore[arg-type]
                else:
                    letters.append(replace(await self._read(ctx, conversation, path), key=name))
            sent = home.messages.write_all(ctx, conversation, letters)
        finally:
            for letter in letters:
                if isinstance(letter.body, Document):
                    await self._unneeded(conversation, letter.id)
        self._wake()
        return sent

    async def _read(self, ctx: Context, conversation: bytes, path: Path) -> Letter:
        media = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            return await self._sealed(ctx, conversation, file, size, path.name, media)

    async def _sealed(
        self, ctx: Context, conversation: bytes, file: BinaryIO, size: int, name: str, media_type: str
    ) -> Letter:
        """Its chunks lie in the spool, and some at the relay."""
        home, ident = self.home, os.urandom(16)
        talk = home.talks.load(conversation)
        # Beside the conversation's own queue, which says who may store there.
        relay = ctx.identity.relay if talk is None else talk.conversation.queue.relay
        document, loop = described(ctx, relay, size, name, media_type), asyncio.get_running_loop()
        early = None if self._engine is None else self._engine.early(conversation, ident, document)

        def told(index: int) -> None:
            if early is not None:
                loop.call_soon_threadsafe(early.sealed, index)

        try:
            whole = await asyncio.to_thread(home.spool.seal, conversation, ident, document, file, told)
        except BaseException:
            await self._unneeded(conversation, ident)
            raise
        return Letter(ident, whole)

    async def _unneeded(self, conversation: bytes, ident: bytes) -> None:
        """Nothing is left of a document whose message is not kept."""
        if self.home.messages.get(ident) is None:
            self.home.spool.drop(conversation, ident)
            if self._engine is not None:
                await self._engine.never(ident)

    async def attach(
        self,
        conversation: bytes,
        file: BinaryIO,
        size: int,
        name: str,
        media_type: str,
        key: str | None = None,
    ) -> Entry:
        """Puts a document in line that is read, once, from `file`: exactly `size` bytes, sealed as they come. Raises
        `WireError`, and then nothing of it is kept; what was sent with this `key` before is not sent again."""
        home, ctx = self.home, self.home.context()
        home.messages.check_open(conversation)
        letter = replace(await self._sealed(ctx, conversation, file, size, name, media_type), key=key)
        try:
            (sent,) = home.messages.write_all(ctx, conversation, [letter])
        finally:
            await self._unneeded(conversation, letter.id)
        self._wake()
        return sent

    def pieces(self, entry: Entry) -> Pieces:
        """A document's content; raises `WireError` where it is not here whole."""
        return Pieces(self.home.spool, entry.conversation, entry.id, saveable(entry))

    def read_all(self, conversation: bytes) -> int:
        """Everything in a conversation was seen; how much was new. Authors are told, unless that is switched off."""
        count = self.home.messages.read_all(self.home.context(), conversation)
        if count:
            self._wake()
        return count

    def withdraw(self, invitation: bytes) -> None:
        self.home.invitations.withdraw(invitation)
        self._wake()

    def admit(self, newcomer: bytes) -> bytes:
        """Answers whoever waits under this key; the new conversation."""
        conversation = self.home.newcomers.admit(self.home.context(), newcomer)
        self._wake()
        return conversation

    def _entry(self, ident: bytes) -> Entry:
        entry = self.home.messages.get(ident)
        if entry is None:
            raise WireError("there is no such message")
        return entry

    async def wait_for(self, sent: Sequence[Entry], state: str, timeout: float | None) -> list[Entry]:
        """Until all of `sent` have reached `state`, or failed, or the time is over; how they stand then."""
        ended = (*REACHED[state], "failed", "retracted", "damaged")
        await self.until(lambda: all(self._entry(e.id).state in ended for e in sent), timeout)
        return [self._entry(e.id) for e in sent]

    async def receive(self, timeout: float | None = 0.0, follow: bool = False) -> AsyncIterator[Entry]:
        """What came and was not shown yet, each once. Waits up to `timeout` seconds for the first, or for ever.

        One program at a time shows: beside one that does, this one waits for its turn, and says nothing.
        """
        messages = self.home.messages
        turn = self._turn = object()
        try:
            while self._turn is turn:
                waiting = self._unshown()
                for entry in waiting:
                    messages.showing(entry)
                    yield entry
                    messages.shown(self.home.context(), entry)
                    if self._turn is not turn:
                        return
                if waiting:
                    continue
                if await self.until(lambda: bool(self._unshown(1)), None if follow else timeout):
                    timeout = min(timeout or 0.0, 1.0)
                elif not self.home.transfers.arriving(self.home.clock()):
                    return
        finally:
            if self._turn is turn:
                self._showing.release()

    def save_ahead(self, folder: Path) -> None:
        """Where `save` will be asked to put what comes: it is written there on the way already."""
        self._ahead.folder = folder

    def save(self, entry: Entry, folder: Path) -> Path:
        """Where the document was saved; raises `WireError` where it is not here whole, and `OSError`."""
        return save_document(self.home, entry, folder, self._ahead)

    def _unshown(self, limit: int = 200) -> list[Entry]:
        return self.home.messages.unshown(self.home.clock(), limit) if self._showing.take() else []

    def retract(self, ident: bytes) -> bytes:
        conversation = self._entry(ident).conversation
        own = self.home.messages.retract(self.home.context(), ident)
        self.home.spool.drop(conversation, ident)
        self._wake()
        return own

    # --- conversations of several ---

    def convene(self, name: str, people: Sequence[str]) -> bytes:
        """A conversation of several, hosted here; everybody named is asked in."""
        home, ctx = self.home, self.home.context()
        pairs = self._pairs(people)
        with home.database.transaction():
            talk, effects = answering.convene(ctx, name)
            home.steps.begin(ctx, talk, effects)
            home.talks.mark_personal(talk.conversation.id)
            home.steps.ask(ctx, talk.conversation.id, pairs)
        self._wake()
        return talk.conversation.id

    def _pairs(self, people: Sequence[str]) -> list[tuple[bytes, bytes]]:
        """(their key, the conversation of two with them) for each who is named, once."""
        found = {self.home.people.contact(self.find(who)).key: self.find(who) for who in people}
        return list(found.items())

    def add(self, conversation: bytes, people: Sequence[str]) -> None:
        home, ctx = self.home, self.home.context()
        pairs = self._pairs(people)
        with home.database.transaction():
            home.steps.ask(ctx, conversation, pairs)
        self._wake()

    def remove(self, conversation: bytes, people: Sequence[str]) -> None:
        """Takes people out; raises `WireError` where this end is not the host."""
        home, ctx = self.home, self.home.context()
        with home.database.transaction():
            for who in people:
                key = home.people.member(conversation, who)
                home.steps.run(
                    ctx,
                    conversation,
                    lambda talk, key=key: dismiss(ctx, answering.several(talk), key),  # type: ignore[misc]
                )
        self._wake()

    def leave(self, conversation: bytes) -> None:
        """At once, or in turn behind what was written before. Raises `WireError` where it needs a second host."""
        self.home.leaving.leave(self.home.context(), conversation)
        self._wake()

    def has_left(self, conversation: bytes) -> bool:
        talk = self.home.talks.load(conversation)
        return talk is not None and talk.conversation.phase is Phase.LEFT

    def name_second_host(self, conversation: bytes, who: str) -> None:
        key = self.home.people.member(conversation, who)
        self._step(conversation, lambda ctx, talk: restate(ctx, answering.several(talk), second_host=key))

    def take_over(self, conversation: bytes) -> None:
        self._step(conversation, answering.take_over)

    def renew(self, conversation: bytes) -> None:
        """Fresh keys now, instead of when they are due."""
        self._step(conversation, renew_now)

    def _step(
        self, conversation: bytes, rule: Callable[[Context, Talk], tuple[Talk, tuple[Effect, ...]]]
    ) -> None:
        ctx = self.home.context()
        with self.home.database.transaction():
            self.home.steps.run(ctx, conversation, lambda talk: rule(ctx, talk))
        self._wake()

    def let_back(self, conversation: bytes) -> None:
        """A human's yes to whoever lost their state and asks to come back; raises `WireError` where nobody asks."""
        with self.home.database.transaction():
            if not self.home.steps.say_yes(self.home.context(), conversation):
                raise WireError("nobody asks to come back into that conversation")
        self._wake()

    def block(self, contact: Contact, blocked: bool) -> None:
        """Cuts somebody's way to write here off, and ignores their further hellos; or takes both back. Raises `WireError`, and
        does neither, where they have not answered yet, or where a conversation that lost its keys is not back yet."""
        with self.home.database.transaction():
            over = contact.phase in (Phase.LEFT, Phase.REMOVED)
            if contact.blocked is not blocked and not over:
                ctx = self.home.context()
                self.home.steps.run(
                    *(ctx, contact.conversation),
                    lambda talk: cut_off(talk) if blocked else open_again(ctx, talk),
                )
            self.home.people.set_blocked(contact.key, blocked)
        self._wake()

    # --- how far things are ---

    def hello_left(self, conversation: bytes) -> bool:
        """Whether the hello has been accepted by the other side's relay."""
        return not self.home.outbox.holds_hello(conversation)

    def is_through(self, ident: bytes) -> bool:
        entry = self.home.messages.get(ident)
        return entry is None or entry.state in REACHED["accepted"]

    def unreachable(self) -> bool:
        """Whether a relay of this home's own queues was tried and does not answer."""
        return self._engine is not None and self._engine.reached() is False

    async def reached(self, timeout: float) -> bool:
        """Whether the relays of this home's own queues answer, and what lay there is here. Where another program runs the
        engine, that is for it to say."""
        if not any(self.home.queues.in_state(state) for state in ("made", "wanted")):
            with contextlib.suppress(RelayError, TimeoutError):
                async with asyncio.timeout(timeout):
                    await self.relay_limits()
                    return True
            return False
        known: list[bool] = []

        def found() -> bool:
            said = True if self._elsewhere else None if self._engine is None else self._engine.reached()
            known[:] = [] if said is None else [said]
            return bool(known)

        return await self.until(found, timeout) and known[0]

    async def settle(self, timeout: float) -> bool:
        """Until everything that can be done now is done."""
        return await self.until(lambda: self.home.outbox.idle(self.home.clock()), timeout)
