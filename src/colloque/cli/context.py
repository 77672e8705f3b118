"""What every command has: the home, the passphrase, the way of speaking."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import click
import platformdirs

from colloque.cli.exits import Exit
from colloque.cli.output import Output, problems
from colloque.cli.words import say, translated
from colloque.client.client import Client
from colloque.store.client import vault
from colloque.store.client.pending import Pending
from colloque.wire.codec import WireError

T = TypeVar("T")
REACH_S: Final = 10.0
"""How long a relay that neither answers nor refuses is given."""


@dataclass(frozen=True, slots=True)
class Setting:
    """`colloque`'s own options."""

    home: Path
    out: Output


def default_home() -> Path:
    return Path(os.environ.get("COLLOQUE_HOME") or platformdirs.user_data_dir("colloque", appauthor=False))


def passphrase(home: Path) -> str | None:
    """From the environment, or asked for; None where the system's keyring has the key."""
    given = os.environ.get("COLLOQUE_PASSPHRASE")
    if given is not None:
        return given
    if not vault.wants_passphrase(home) or not sys.stdin.isatty():
        return None
    return str(click.prompt(say("Passphrase"), hide_input=True, err=True))


def new_passphrase() -> str | None:
    """For a new home; None: the system's keyring is to keep the key."""
    given = os.environ.get("COLLOQUE_PASSPHRASE")
    if given is not None:
        return given
    if not sys.stdin.isatty():
        return None
    first = str(click.prompt(say("Passphrase"), hide_input=True, err=True))
    if first != click.prompt(say("Passphrase again"), hide_input=True, err=True):
        raise WireError("the two passphrases are not the same")
    return first


def run(setting: Setting, action: Callable[[Client], Coroutine[Any, Any, T]], *, engine: bool = True) -> T:
    """Opens the home, runs `action`, and turns problems into exit codes."""

    async def inside() -> T:
        async with Client.open(setting.home, passphrase=passphrase(setting.home), engine=engine) as client:
            return await action(client)

    with problems(setting.out):
        return asyncio.run(inside())
    raise SystemExit(Exit.ERROR)


async def carried_out(setting: Setting, client: Client, pending: Pending) -> int:
    """Waits until the relays have taken what was just asked for; otherwise it is kept, and said so."""
    await client.until(lambda: pending.done() or client.unreachable(), REACH_S)
    if pending.done():
        return Exit.DONE
    words = "The relay was not reached yet: this is kept, and done as soon as it answers."
    setting.out.hint(translated(client.home.refusal) or say(words))
    return Exit.KEPT


def options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--home` and `--json`, before or after the command's name."""
    function = click.option("--json", "as_json", is_flag=True, default=False, help="One JSON object a line.")(
        function
    )
    return click.option(
        "--home",
        type=click.Path(path_type=Path, file_okay=False),
        default=None,
        help="Which identity's home.",
    )(function)


def setting(home: Path | None, as_json: bool) -> Setting:
    """The command's own options, or those given before its name."""
    parent = click.get_current_context().find_root().params
    found = home or parent.get("home") or default_home()
    return Setting(Path(found), Output(bool(as_json or parent.get("as_json"))))
