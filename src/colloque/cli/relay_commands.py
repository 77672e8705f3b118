"""`colloque relay`: runs the blind relay, and says who may make queues there (`docs/hosting.md`)."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import re
import secrets
import sqlite3
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from colloque.cli.stopping import stopping
from colloque.protocol.mailbox.limits import DAY, Limits
from colloque.relay.core import Options
from colloque.relay.log import be_quiet
from colloque.relay.server import RelayServer
from colloque.relay.turn import Turn
from colloque.store.relay import grants
from colloque.store.relay.database import DATABASE, open_database

T = TypeVar("T")
_UNITS: Final = {"h": 3_600, "d": DAY, "w": 7 * DAY}


def _address(_context: click.Context, _option: click.Parameter, value: str | None) -> tuple[str, int] | None:
    if value is None:
        return None
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65_535:
        raise click.BadParameter("want HOST:PORT, such as 127.0.0.1:8440")
    return host.strip("[]"), int(port)


def _seconds(_context: click.Context, _option: click.Parameter, value: str) -> int:
    found = re.fullmatch(r"([1-9][0-9]{0,4})([hdw])", value)
    if found is None:
        raise click.BadParameter("want a time such as 12h, 30d or 52w")
    return int(found[1]) * _UNITS[found[2]]


@click.group(invoke_without_command=True)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Where the relay keeps everything.",
)
@click.option(
    "--listen",
    callback=_address,
    default="127.0.0.1:8440",
    show_default=True,
    help="HOST:PORT; port 0: any free one.",
)
@click.option(
    "--creation",
    type=click.Choice(["grant", "open"]),
    default="grant",
    show_default=True,
    help="Who may make queues.",
)
@click.option(
    "--metrics",
    callback=_address,
    default=None,
    help="HOST:PORT where counts are shown, for a watcher of your own.",
)
@click.option(
    "--total-gib",
    type=click.IntRange(1),
    default=64,
    show_default=True,
    help="The most that lies here at once.",
)
@click.option(
    "--connections", type=click.IntRange(1), default=50_000, show_default=True, help="The most open at once."
)
@click.option(
    "--turn",
    "turn_urls",
    multiple=True,
    metavar="URL",
    help="A TURN server for calls, such as turn:relay.example.org:3478; may be given several times.",
)
@click.option(
    "--turn-secret-file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    default=None,
    help="Holds the secret that the TURN server was given (static-auth-secret).",
)
@click.option(
    "--turn-only", is_flag=True, help="Calls go over the TURN server alone: nobody learns an address."
)
@click.pass_context
def relay(
    context: click.Context,
    data: Path,
    listen: tuple[str, int],
    creation: str,
    metrics: tuple[str, int] | None,
    total_gib: int,
    connections: int,
    turn_urls: tuple[str, ...],
    turn_secret_file: Path | None,
    turn_only: bool,
) -> None:
    """Run the blind relay: it carries sealed envelopes and can read none."""
    context.obj = data
    # Whatever is made from here on is for this relay's own user.
    os.umask(0o077)
    if context.invoked_subcommand is not None:
        return
    limits = Limits(total_bytes=total_gib << 30, connections=connections)
    options = Options(creation, limits, _turn(turn_urls, turn_secret_file, turn_only))
    be_quiet()
    with _sentences():
        _make_private(data)
        _run(_serve(data, listen, options, metrics))


def _turn(urls: tuple[str, ...], secret: Path | None, only: bool) -> Turn | None:
    if not urls and secret is None and not only:
        return None
    if not urls or secret is None:
        raise click.UsageError("--turn and --turn-secret-file belong together")
    try:
        return Turn(urls, secret.read_bytes().strip(), only)
    except ValueError as error:
        raise click.UsageError(f"--turn: {error}") from None
    except OSError as error:
        raise click.ClickException(
            f"the secret of the TURN server cannot be read: {error.strerror}"
        ) from None


@contextlib.contextmanager
def _sentences() -> Iterator[None]:
    """What an administrator can mend is said in a sentence."""
    try:
        yield
    except OSError as error:
        where = "" if error.filename is None else f": {error.filename}"
        raise click.ClickException(f"the relay cannot go on: {error.strerror or error}{where}") from None
    except (sqlite3.Error, RuntimeError, ImportError) as error:
        raise click.ClickException(f"the relay cannot go on: {error}") from None


def _make_private(data: Path) -> None:
    """A folder that is the relay's own, and what lies in it, are for nobody else to read."""
    data.mkdir(parents=True, exist_ok=True)
    if not (data / DATABASE).exists() and any(data.iterdir()):
        return
    with contextlib.suppress(PermissionError):
        data.chmod(0o700)
        for path in data.rglob("*"):
            path.chmod(0o700 if path.is_dir() else 0o600)


async def _serve(
    data: Path, listen: tuple[str, int], options: Options, metrics: tuple[str, int] | None
) -> None:
    stop = stopping()
    async with RelayServer(data, *listen, options, metrics=metrics) as server:
        click.echo(f"relay ready at {server.url}")
        await stop.wait()


def _run(work: Coroutine[Any, Any, None]) -> None:
    """On uvloop where it is installed: it has no wheels for Windows, and the relay does not need it."""
    factory: Callable[[], asyncio.AbstractEventLoop] | None = None
    if importlib.util.find_spec("uvloop") is not None:
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(work)


def _in_database(data: Path, job: Callable[[sqlite3.Connection], T]) -> T:
    """Beside a relay that runs, or without one; but where none ever ran, the folder's name is wrong."""
    if not (data / DATABASE).exists():
        raise click.ClickException(
            f"no relay has run with --data {data}: look at the name, or start it first"
        )
    with _sentences(), contextlib.closing(open_database(data)) as db:
        db.execute("BEGIN IMMEDIATE")
        found = job(db)
        db.execute("COMMIT")
        return found


@relay.group()
def token() -> None:
    """Tokens: each lets a practitioner make queues here (`colloque init --token`)."""


@token.command()
@click.option("--queues", type=click.IntRange(1, 65_535), default=1_000, show_default=True)
@click.option("--expires", callback=_seconds, default="365d", show_default=True, help="Such as 30d or 52w.")
@click.pass_obj
def new(data: Path, queues: int, expires: int) -> None:
    """Print a new token, this once: the relay keeps only its hash."""
    text = secrets.token_hex(24)  # one word to a double click, and never taken for an option
    _in_database(data, grants.issue(text.encode("ascii"), queues, int(time.time()) + expires))
    click.echo(text)


@token.command()
@click.argument("which")
@click.pass_obj
def revoke(data: Path, which: str) -> None:
    """End a token, and the invitations it paid for. WHICH: the token, or its short name from `list`."""
    short = which.strip().lower()
    if not re.fullmatch(r"[0-9a-f]{8}", short):
        short = grants.short_name(which.strip().encode("utf-8", "replace"))
    if not _in_database(data, grants.revoke(short)):
        raise click.ClickException("no such token")
    click.echo(f"revoked {short}")


@token.command("list")
@click.pass_obj
def list_(data: Path) -> None:
    """Short names, queues made of those allowed, and days left."""
    now = int(time.time())
    for grant in _in_database(data, grants.listing):
        days = max(0, grant.expires - now) // DAY
        click.echo(f"{grant.short}  {grant.used}/{grant.queues} queues  {days} d")
