"""Commands about backups: backup, restore."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from colloque.cli.context import new_passphrase, options, run, setting
from colloque.cli.exits import Exit
from colloque.cli.output import problems
from colloque.cli.words import say
from colloque.client.client import Client, now_ms
from colloque.store.client.home import Home
from colloque.store.client.sheet import RecoveryKey
from colloque.store.client.vault import Locked


def _backup_passphrase() -> str:
    given = os.environ.get("COLLOQUE_PASSPHRASE")
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise Locked("a backup wants a passphrase (COLLOQUE_PASSPHRASE, or at the prompt)")
    return str(click.prompt(say("Passphrase"), hide_input=True, err=True))


def _sheet() -> RecoveryKey:
    """From the environment, or asked for."""
    given = os.environ.get("COLLOQUE_SHEET")
    if given is None:
        if not sys.stdin.isatty():
            raise Locked("the recovery sheet's words are wanted (COLLOQUE_SHEET, or at the prompt)")
        given = str(click.prompt(say("Words of the recovery sheet"), err=True))
    return RecoveryKey.from_words(given)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@options
def backup(file: Path, home: Path | None, as_json: bool) -> None:
    """Writes a backup: identity, people and history, under your passphrase."""
    where = setting(home, as_json)

    async def action(client: Client) -> None:
        client.home.backup(file, _backup_passphrase())
        where.out.line({"backup": str(file)}, say("The backup is written."))

    run(where, action, engine=False)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--sheet", is_flag=True, help="Open it by the 24 words of the recovery sheet, not by its passphrase."
)
@click.option("--timeout", default=10.0, help="Seconds to wait for the relay.")
@options
def restore(file: Path, sheet: bool, timeout: float, home: Path | None, as_json: bool) -> None:
    """Makes a home from a backup. Each conversation comes back once the other side says yes."""
    where = setting(home, as_json)
    with problems(where.out):
        Home.restore(
            *(where.home, file, _sheet() if sheet else _backup_passphrase(), new_passphrase()),
            random=os.urandom,
            clock=now_ms,
        ).close()

    async def action(client: Client) -> int:
        reached = await client.reached(timeout) and await client.settle(timeout)
        lost = [c.short for c in client.contacts()]
        words = "Restored. Each conversation comes back once the other side says yes."
        where.out.line({"home": str(where.home), "conversations": lost}, say(words))
        if reached:
            return Exit.DONE
        where.out.hint(say("The relay could not be reached; everything will be sent once it answers."))
        return Exit.KEPT

    sys.exit(run(where, action))
