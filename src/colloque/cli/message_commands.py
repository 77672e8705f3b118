"""Commands about messages: send, receive, history, status, save, retract."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import click

from colloque.cli import streams
from colloque.cli.context import REACH_S, Setting, options, run, setting
from colloque.cli.exits import Exit
from colloque.cli.output import iso, local, size
from colloque.cli.visible import one_line
from colloque.cli.words import say, tell, translated
from colloque.client.client import REACHED, Client
from colloque.store.client.messages import Entry
from colloque.wire.codec import WireError
from colloque.wire.content.text import TEXT_BYTES


@click.command()
@click.argument("who")
@click.option("--text", default="", help="What to write; - reads it from standard input.")
@click.option(
    "--file",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="A document to send.",
)
@click.option("--key", default=None, help="The same key again sends nothing twice.")
@click.option(
    "--wait",
    type=click.Choice(["accepted", "delivered"]),
    default="accepted",
    help="Until which state to wait.",
)
@click.option("--timeout", default=30.0, help="Seconds to wait for that state.")
@options
def send(
    who: str,
    text: str,
    files: tuple[Path, ...],
    key: str | None,
    wait: str,
    timeout: float,
    home: Path | None,
    as_json: bool,
) -> None:
    """Sends a text, documents, or both."""
    where = setting(home, as_json)
    words = _words(text)
    if not words and not files:
        raise click.UsageError(say("give --text, --file, or both"))

    async def action(client: Client) -> int:
        sent = await client.send(who, text=words, files=files, key=key)
        with Progress(where, client, sent):
            sent = await client.wait_for(sent, wait, timeout)
        for entry in sent:
            data: dict[str, Any] = {"id": entry.id.hex(), "state": entry.state}
            data["conversation"] = entry.conversation.hex()
            if entry.overdue:
                data["overdue"] = True
            where.out.line(data, say("Sent: {state}", state=say(entry.state)) + f"  {entry.id.hex()}")
        _say_late(where, client, lines=False)
        states = {entry.state for entry in sent}
        if states & {"failed", "retracted", "damaged"}:
            return Exit.REFUSED
        if states <= set(REACHED[wait]):
            return Exit.DONE
        where.out.hint(say("Not yet {state}: it stays in line and is tried again.", state=say(wait)))
        if client.home.refusal:
            where.out.hint(translated(client.home.refusal))
        return Exit.KEPT

    sys.exit(int(run(where, action)))


def _words(text: str) -> str:
    """What was given, or what standard input holds; refused before it is kept where it is too long."""
    try:
        words = sys.stdin.read() if text == "-" else text
    except UnicodeDecodeError:
        raise click.UsageError(say("standard input is not text")) from None
    count = len(words.encode("utf-8", "replace"))
    if count > TEXT_BYTES:
        sentence = "a text may have {most} bytes at most, this one has {count}: send it as a file"
        raise click.UsageError(say(sentence, most=TEXT_BYTES, count=count))
    return words


def _say_late(where: Setting, client: Client, lines: bool = True) -> None:
    """The alarm of 48 hours, at every sight of the home until it clears (`spec/sessions.md` S27)."""
    late = [entry.id.hex() for entry in client.home.messages.overdue() if entry.state != "failed"]
    if not late:
        return
    words = "{count} message(s) were not delivered in time: `colloque status` lists them."
    if where.out.json and lines:
        where.out.line({"kind": "overdue", "ids": late}, "")
    where.out.hint(say(words, count=len(late)))


class Progress:
    """A line that counts a document's chunks, on a terminal."""

    def __init__(self, where: Setting, client: Client, sent: list[Entry]) -> None:
        self._documents = [e for e in sent if e.document is not None]
        self._shown = not where.out.json and sys.stderr.isatty() and bool(self._documents)
        self._client = client
        self._task: Any = None

    def __enter__(self) -> None:
        if self._shown:
            self._task = asyncio.get_running_loop().create_task(self._run())

    def __exit__(self, *_error: object) -> None:
        if self._task is not None:
            self._task.cancel()
            streams.aside("\n")

    async def _run(self) -> None:
        while True:
            for entry in self._documents:
                done = self._client.home.transfers.progress(entry.conversation, entry.id)
                if done is not None and entry.document is not None:
                    share = 100 * done // entry.document.chunks
                    streams.aside(f"\r{one_line(entry.document.name[:40])}: {share} %   ")
            await asyncio.sleep(0.2)


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Where files are saved; made if it is not there.",
)
@click.option("--wait", type=float, default=2.0, help="Seconds to wait for something to come.")
@click.option("--follow", is_flag=True, help="Stay, and show whatever comes, until Ctrl-C.")
@options
def receive(out: Path | None, wait: float, follow: bool, home: Path | None, as_json: bool) -> None:
    """Shows what came, each message once. Ends with 3 where the relay was not reached."""
    where = setting(home, as_json)
    unreached = say("The relay was not reached: what is there may be missing here.")

    async def action(client: Client) -> int:
        if out is not None:
            client.save_ahead(out)
        _say_late(where, client)
        if follow:
            if not await client.reached(REACH_S):
                where.out.hint(unreached)
            async for entry in client.receive(follow=True):
                show(where, client, entry, out)
        count = 0
        reached = await client.reached(max(wait, REACH_S))
        async for entry in client.receive(wait if reached else 0.0):
            show(where, client, entry, out)
            count += 1
        await client.settle(wait)
        if not reached:
            where.out.hint(unreached)
            return Exit.KEPT
        if not count:
            where.out.hint(say("Nothing new."))
        return Exit.DONE

    sys.exit(int(run(where, action)))


def show(where: Setting, client: Client, entry: Entry, out: Path | None) -> None:
    """One line, for people or programs; a file is saved first where `out` says so."""
    people = client.home.people
    short = people.short(entry.conversation)
    author = say("me") if entry.author is None else people.name_of(entry.conversation, entry.author) or short
    data: dict[str, Any] = {
        "id": entry.id.hex(),
        "conversation": entry.conversation.hex(),
        "short": short,
        "from": author,
        "key": "" if entry.author is None else entry.author.hex(),
        "kind": entry.kind,
        "state": entry.state,
        "sent_at": iso(entry.sent_at),
        "received_at": iso(entry.came_at),
    }
    text = _text(client, entry, out, data, author, short)
    if entry.again:
        data["again"] = True
    if entry.overdue:
        data["overdue"] = True
    late = f" ({say('not delivered in time')})" if entry.overdue else ""
    where.out.line(data, f"{local(entry.sent_at)}  {one_line(short)}  {one_line(author)}{late}: {text}")


def _text(
    client: Client,
    entry: Entry,
    out: Path | None,
    data: dict[str, Any],
    author: str,
    short: str,
) -> str:
    if entry.notice is not None:
        data["notice"] = entry.notice.get("what")
        data |= {name: entry.notice[name] for name in ("count", "first") if entry.notice.get(name)}
        data["text"] = _notice(entry, author, short)
        return f"-- {data['text']}"
    if entry.state == "retracted":
        data["text"] = ""
        return say("(retracted)")
    if entry.document is None:
        data["text"] = entry.text
        return entry.text
    document = entry.document
    data |= {"name": document.name, "size": document.size, "type": document.media_type, "path": None}
    if entry.state == "damaged":
        return say("a file that did not arrive whole")
    if out is not None and entry.author is not None:
        try:
            path = client.save(entry, out)
        except WireError as error:
            # Nothing that comes later waits behind what cannot be saved, now or ever.
            data["error"] = tell(error)
            return say("a file that could not be saved: {why}", why=tell(error))
        data["path"] = str(path)
        return say("file saved: {path}", path=path)
    words = "file {name} ({size}): save it with `colloque save {id}`"
    return say(words, name=document.name, size=size(document.size), id=entry.id.hex()[:12])


_NOTICES = {
    "opened": "The conversation is open.",
    "joined": "{who} has joined.",
    "gone": "{who} is gone.",
    "removed": "You were taken out of this conversation.",
    "missing": "{count} message(s) from {who} are missing (from number {first}).",
    "lost-own": "{count} message(s) of yours that {who} has are lost here (from number {first}).",
    "unreadable": "{count} message(s) could not be read.",
    "return-asked": "{who} has lost their device's state and asks to come back: `colloque accept {short}` says yes.",
    "returned": "The conversation is back.",
    "link-used": "This link was used by somebody else already, or taken back: ask {who} for a new one.",
    "lost": "What was needed to come back into this conversation is not here: nobody could be asked.",
    "host-changed": "{who} carries this conversation on as its host.",
    "same-name": "CAREFUL: {who} has the name of somebody you know, and another key. Compare safety numbers.",
    "stated": "{who} has changed what they state of themself.",
    "retracted": "{who} has taken a message back.",
}


def _notice(entry: Entry, author: str, short: str) -> str:
    notice = entry.notice or {}
    words = _NOTICES.get(str(notice.get("what")), str(notice.get("what")))
    return say(words, who=author, short=short, count=notice.get("count", 0), first=notice.get("first", 0))


@click.command()
@click.argument("who")
@options
def history(who: str, home: Path | None, as_json: bool) -> None:
    """Shows a whole conversation."""
    where = setting(home, as_json)

    async def action(client: Client) -> None:
        for entry in client.home.messages.history(client.find(who)):
            show(where, client, entry, None)

    run(where, action, engine=False)


@click.command()
@click.argument("ident", metavar="ID", required=False)
@options
def status(ident: str | None, home: Path | None, as_json: bool) -> None:
    """Tells what became of a message; without ID, what was not delivered in time."""
    where = setting(home, as_json)

    async def action(client: Client) -> int:
        entries = [_find(client, ident)] if ident else client.home.messages.overdue()
        for entry in entries:
            readers = [
                {"reader": client.home.people.name_of(entry.conversation, r), "state": s, "at": iso(at)}
                for r, s, at in client.home.messages.deliveries(entry)
            ]
            data = {"id": entry.id.hex(), "state": entry.state, "overdue": entry.overdue, "readers": readers}
            late = f"  ({say('not delivered in time')})" if entry.overdue else ""
            lines = "".join(f"\n{one_line(str(r['reader']))}: {say(str(r['state']))}" for r in readers)
            where.out.line(data, f"{entry.id.hex()}  {say(entry.state)}{late}{lines}")
        return Exit.KEPT if any(e.overdue for e in entries) else Exit.DONE

    sys.exit(int(run(where, action, engine=False)))


def _find(client: Client, ident: str) -> Entry:
    found = client.home.messages.starting(ident)
    if found is None:
        raise WireError("there is no message with that id, or more than one: give more of it")
    return found


@click.command()
@click.argument("ident", metavar="ID")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Where files are saved; made if it is not there.",
)
@options
def save(ident: str, out: Path, home: Path | None, as_json: bool) -> None:
    """Saves a file that came."""
    where = setting(home, as_json)

    async def action(client: Client) -> None:
        path = client.save(_find(client, ident), out)
        where.out.line({"path": str(path)}, say("file saved: {path}", path=path))

    run(where, action, engine=False)


@click.command()
@click.argument("ident", metavar="ID")
@click.option("--timeout", default=10.0, help="Seconds to wait for the relay.")
@options
def retract(ident: str, timeout: float, home: Path | None, as_json: bool) -> None:
    """Takes a message of yours back. What was read already cannot be unread."""
    where = setting(home, as_json)

    async def action(client: Client) -> int:
        entry = _find(client, ident)
        own = client.retract(entry.id)
        reached = await client.until(lambda: client.is_through(own), timeout)
        where.out.line({"id": entry.id.hex(), "state": "retracted", "told": reached}, say("Retracted."))
        return Exit.DONE if reached else Exit.KEPT

    sys.exit(int(run(where, action)))
