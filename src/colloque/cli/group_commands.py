"""Commands about conversations of several: group new, list, add, remove, leave, second-host, take-over."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from colloque.cli.context import REACH_S, carried_out, options, run, setting
from colloque.cli.exits import Exit
from colloque.cli.visible import one_line
from colloque.cli.words import say
from colloque.client.client import Client
from colloque.store.client.pending import Pending


@click.group()
def group() -> None:
    """Conversations of several people, 20 at most."""


@group.command()
@click.argument("name")
@click.argument("who", nargs=-1, required=True)
@options
def new(name: str, who: tuple[str, ...], home: Path | None, as_json: bool) -> None:
    """Makes a conversation called NAME and asks people in."""
    where = setting(home, as_json)

    async def action(client: Client) -> int:
        pending = Pending(client.home.database)
        conversation = client.convene(name, who)
        short = client.home.people.short(conversation)
        where.out.line({"conversation": conversation.hex(), "short": short}, short)
        return await carried_out(where, client, pending)

    sys.exit(run(where, action))


@group.command("list")
@options
def listing(home: Path | None, as_json: bool) -> None:
    """Lists conversations of several."""
    where = setting(home, as_json)

    async def action(client: Client) -> None:
        for g in client.gatherings():
            members = [
                {"name": p.name, "joined": joined, "host": key == g.host, "second_host": key == g.second_host}
                for key, p, joined in g.members
            ]
            own = client.home.identity.key
            data = {
                "short": g.short,
                "name": g.name,
                "conversation": g.conversation.hex(),
                "state": g.phase.value,
                "host": g.host == own,
                "second_host": g.second_host == own,
                "members": members,
            }
            names = ", ".join(one_line(str(m["name"])) for m in members)
            where.out.line(data, f"{g.short:<24} {one_line(g.name)}: {names} [{say(g.phase.value)}]")

    run(where, action, engine=False)


@group.command()
@click.argument("name")
@click.argument("who", nargs=-1, required=True)
@options
def add(name: str, who: tuple[str, ...], home: Path | None, as_json: bool) -> None:
    """Asks more people in."""
    where = setting(home, as_json)

    async def action(client: Client) -> int:
        conversation = client.find(name)
        pending = Pending(client.home.database)
        client.add(conversation, who)
        where.out.line({"conversation": conversation.hex(), "short": name}, name)
        return await carried_out(where, client, pending)

    sys.exit(run(where, action))


@group.command()
@click.argument("name")
@click.argument("who", nargs=-1, required=True)
@options
def remove(name: str, who: tuple[str, ...], home: Path | None, as_json: bool) -> None:
    """Takes people out."""
    where = setting(home, as_json)

    async def action(client: Client) -> int:
        conversation = client.find(name)
        pending = Pending(client.home.database)
        client.remove(conversation, who)
        where.out.line({"conversation": conversation.hex(), "short": name}, name)
        return await carried_out(where, client, pending)

    sys.exit(run(where, action))


@group.command()
@click.argument("name")
@options
def leave(name: str, home: Path | None, as_json: bool) -> None:
    """Leaves a conversation."""
    where = setting(home, as_json)

    async def action(client: Client) -> int:
        conversation = client.find(name)
        pending = Pending(client.home.database)
        client.leave(conversation)

        def left() -> bool:
            return client.has_left(conversation) and pending.done()

        await client.until(lambda: left() or client.unreachable(), REACH_S)
        gone = left()
        word = "You have left." if gone else "You leave as soon as what you wrote before is on its way."
        state = "left" if gone else "leaving"
        where.out.line({"conversation": conversation.hex(), "short": name, "state": state}, say(word))
        return Exit.DONE if gone else Exit.KEPT

    sys.exit(run(where, action))


@group.command("second-host")
@click.argument("name")
@click.argument("who")
@options
def second_host(name: str, who: str, home: Path | None, as_json: bool) -> None:
    """Names somebody who may carry the conversation on if its host is lost."""
    where = setting(home, as_json)

    async def action(client: Client) -> int:
        conversation = client.find(name)
        pending = Pending(client.home.database)
        client.name_second_host(conversation, who)
        where.out.line({"conversation": conversation.hex(), "short": name, "second_host": who}, name)
        return await carried_out(where, client, pending)

    sys.exit(run(where, action))


@group.command("take-over")
@click.argument("name")
@options
def take_over(name: str, home: Path | None, as_json: bool) -> None:
    """As second host, carries a conversation on whose host is lost."""
    where = setting(home, as_json)

    async def action(client: Client) -> int:
        conversation = client.find(name)
        pending = Pending(client.home.database)
        client.take_over(conversation)
        where.out.line({"conversation": conversation.hex(), "short": name}, name)
        return await carried_out(where, client, pending)

    sys.exit(run(where, action))
