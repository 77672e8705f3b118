"""Commands about the desk: desk, recovery-sheet."""

from __future__ import annotations

import asyncio
import sys
import webbrowser
from pathlib import Path

import click

from colloque.cli.context import Setting, options, passphrase, run, setting
from colloque.cli.exits import Exit
from colloque.cli.output import problems
from colloque.cli.stopping import stopping
from colloque.cli.words import french, say
from colloque.client.client import Client
from colloque.desk import autostart
from colloque.desk.server import AlreadyRuns, DeskServer


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=0, help="The port on this machine; 0: a free one."
)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option(
    "--autostart",
    "start",
    type=click.Choice(["on", "off", "status"]),
    default=None,
    help="Start the desk with the computer, or not.",
)
@options
def desk(port: int, no_browser: bool, start: str | None, home: Path | None, as_json: bool) -> None:
    """Opens your desk in the browser: messages, documents and people, on this computer only."""
    where = setting(home, as_json)
    with problems(where.out):
        if start is not None:
            _autostart(where, start)
        else:
            sys.exit(int(asyncio.run(_serve(where, port, not no_browser))))


def _autostart(where: Setting, start: str) -> None:
    starter = autostart.here()
    if start != "status":
        starter.turn(start == "on", where.home)
    on = starter.is_on()
    words = "The desk starts with the computer." if on else "The desk does not start with the computer."
    where.out.line({"autostart": on}, say(words))


async def _serve(where: Setting, port: int, browser: bool) -> Exit:
    try:
        async with DeskServer(where.home, port) as server:
            _say(where, server.gate.address, browser)
            await stopping().wait()
    except AlreadyRuns as other:
        if not other.address:
            where.out.problem(Exit.REFUSED, say("The desk runs already, and does not say where."))
        _say(where, other.address, browser)
    return Exit.DONE


def _say(where: Setting, address: str, browser: bool) -> None:
    where.out.line({"address": address}, address)
    where.out.hint(say("This address is yours alone: whoever has it, on this computer, may use the desk."))
    sys.stdout.flush()
    if browser:
        webbrowser.open(address)


@click.command("recovery-sheet")
@click.option(
    "--language",
    type=click.Choice(["en", "fr"]),
    default=None,
    help="The language of the words; yours otherwise.",
)
@options
def recovery_sheet(language: str | None, home: Path | None, as_json: bool) -> None:
    """Shows 24 words to print: with them a forgotten passphrase or a lost computer is no dead end."""
    where = setting(home, as_json)
    secret = passphrase(where.home) if where.home.exists() else None

    async def action(client: Client) -> None:
        words = client.home.make_sheet(secret).words(language or ("fr" if french() else "en"))
        lines = [
            "   ".join(f"{n:2}. {words[n - 1]:<12}" for n in range(first, first + 4)).rstrip()
            for first in range(1, 25, 4)
        ]
        where.out.line({"words": list(words)}, "\n".join(lines))
        sentence = "Print or copy these words, and keep them away from the computer. They open this home and its backups."
        where.out.hint(say(sentence))

    run(where, action, engine=False)
