"""Commands about people: init, invite, card, accept, contacts, verify."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import Any

import click
import segno

from colloque.cli.context import Setting, new_passphrase, options, run, setting
from colloque.cli.output import Exit, local, problems
from colloque.cli.words import say
from colloque.client.client import Client, Invited, now_ms
from colloque.client.relay.errors import RelayError, UnsafeRelay
from colloque.protocol.session.model import Phase
from colloque.store.client.people import Contact
from colloque.wire.profile import Profile

_UNITS = {"m": 60, "h": 3_600, "d": 86_400, "j": 86_400, "w": 604_800}


def duration(_context: Any, _parameter: Any, value: str) -> int:
    found = re.fullmatch(r"(\d{1,4})([mhdjw])", value.strip().lower())
    if not found or not 60 <= int(found[1]) * _UNITS[found[2]] <= 30 * 86_400:
        raise click.BadParameter("for example 30m, 12h or 7d; 30 days at most")
    return int(found[1]) * _UNITS[found[2]]


@click.command()
@click.option("--relay", required=True, help="Your relay's address, https://…")
@click.option("--name", required=True, help="Your name, as others see it.")
@click.option("--profession", default="")
@click.option("--rpps", default="", help="Your RPPS number: 11 digits.")
@click.option("--token", default="", help="The token that the relay's administrator gave you.")
@options
def init(
    relay: str, name: str, profession: str, rpps: str, token: str, home: Path | None, as_json: bool
) -> None:
    """Makes your identity, in a home of its own."""
    where = setting(home, as_json)
    profile = Profile(name.strip(), profession.strip(), rpps.replace(" ", ""))

    async def make() -> bool:
        secret = new_passphrase()
        await Client.create(
            where.home,
            relay=relay,
            profile=profile,
            passphrase=secret,
            token=token.strip().encode("ascii", "replace"),
        )
        async with Client.open(where.home, passphrase=secret, engine=False) as client:
            try:
                await client.relay_limits()
            except UnsafeRelay:
                raise
            except RelayError:
                return False
        return True

    with problems(where.out):
        reached = asyncio.run(make())
        where.out.line(
            {"home": str(where.home), "name": name, "relay": relay}, say("Your identity is ready.")
        )
        if not reached:
            where.out.hint(say("The relay could not be reached; everything will be sent once it answers."))
            sys.exit(Exit.KEPT)


def _show_link(where: Setting, invited: Invited, words: str) -> None:
    where.out.hint(words)
    where.out.line({"link": invited.link, "ready": invited.ready}, invited.link)
    if not where.out.json and sys.stdout.isatty():
        segno.make(invited.link, error="l").terminal(out=sys.stdout, compact=True)
    if not invited.ready:
        where.out.hint(say("The link works once the relay has been reached: run the command again."))
        sys.exit(Exit.KEPT)


@click.command()
@click.option("--for", "for_name", default="", help="For whom: how you want to call them.")
@click.option("--expires", default="7d", callback=duration, help="Until when: 30m, 12h, 7d.")
@options
def invite(for_name: str, expires: int, home: Path | None, as_json: bool) -> None:
    """Makes a personal link, for one person."""
    where = setting(home, as_json)

    async def action(client: Client) -> Invited:
        invited = await client.invite(for_name, expires)
        if not invited.ready and client.home.refusal:
            where.out.problem(Exit.REFUSED, client.home.refusal)
        return invited

    invited = run(where, action)
    until = local(now_ms() + 1000 * expires)
    words = say(
        "Give this link to {name}, and to nobody else. It works once, until {until}.",
        name=for_name or say("one person"),
        until=until,
    )
    _show_link(where, invited, words)


@click.command()
@options
def card(home: Path | None, as_json: bool) -> None:
    """Shows your public link."""
    where = setting(home, as_json)
    invited = run(where, lambda client: client.card())
    _show_link(where, invited, say("Your public link. Whoever has it can write to you."))


@click.command()
@click.argument("link")
@click.option("--text", default="", help="First words, sent along.")
@click.option("--timeout", default=20.0, help="Seconds to wait for the relay.")
@options
def accept(link: str, text: str, timeout: float, home: Path | None, as_json: bool) -> None:
    """Follows a link; or, with a contact's short name, lets somebody come back who lost their device's state."""
    where = setting(home, as_json)

    async def action(client: Client) -> None:
        if "#" not in link:
            client.let_back(client.find(link))
            await client.settle(timeout)
            where.out.line(
                {"conversation": client.find(link).hex(), "short": link}, say("They may come back.")
            )
            return
        conversation = await client.accept(link, text)
        short = client.home.people.short(conversation)
        name = client.home.people.contact(conversation).profile.name
        gone = await client.until(lambda: client.hello_left(conversation), timeout)
        words = "You follow the link of {name} (stated by them). They are called {short} here."
        where.out.line(
            {"conversation": conversation.hex(), "short": short}, say(words, name=name, short=short)
        )
        if not gone:
            where.out.hint(
                client.home.refusal
                or say("The relay could not be reached; everything will be sent once it answers.")
            )
            sys.exit(Exit.KEPT)

    run(where, action)


@click.command()
@options
def contacts(home: Path | None, as_json: bool) -> None:
    """Lists everybody you can write to."""
    where = setting(home, as_json)

    async def action(client: Client) -> None:
        found = client.contacts()
        for c in found:
            data = {
                "short": c.short,
                "name": c.name,
                "stated_name": c.profile.name,
                "profession": c.profile.profession,
                "rpps": c.profile.rpps,
                "verified": c.verified,
                "blocked": c.blocked,
                "safety_number": client.safety_number(c),
                "state": c.phase.value,
                "conversation": c.conversation.hex(),
            }
            where.out.line(data, _contact_line(c))
        if not found:
            where.out.hint(say("Nobody yet. Invite somebody with `colloque invite`."))

    run(where, action, engine=False)


def _contact_line(c: Contact) -> str:
    about = ", ".join(part for part in (c.profile.name, c.profile.profession, c.profile.rpps) if part)
    trust = say("verified") if c.verified else say("stated by them, not verified")
    phase = "" if c.phase is Phase.OPEN else f"  [{say(c.phase.value)}]"
    return f"{c.short:<24} {about} ({trust}){phase}"


@click.command()
@click.argument("who")
@click.option("--yes", is_flag=True, help="The numbers were compared and are the same.")
@click.option("--no", "denied", is_flag=True, help="Take the mark away.")
@options
def verify(who: str, yes: bool, denied: bool, home: Path | None, as_json: bool) -> None:
    """Shows the safety number to compare, and marks somebody as verified."""
    where = setting(home, as_json)

    async def action(client: Client) -> None:
        contact = client.home.people.contact(client.find(who))
        number = client.safety_number(contact)
        verified = contact.verified
        if not yes and not denied and not where.out.json:
            where.out.hint(say("Safety number with {name}:", name=contact.name))
            click.echo(number)
        answer = yes
        if not yes and not denied and not where.out.json and sys.stdin.isatty():
            question = "Compare it aloud, by telephone or face to face. Is it the same at both ends?"
            answer = click.confirm(say(question), default=False, err=True)
            denied_now = not answer
        else:
            denied_now = denied
        if answer or denied_now:
            verified = bool(answer)
            client.home.people.set_verified(contact.key, verified)
        data = {"short": contact.short, "name": contact.name, "verified": verified, "safety_number": number}
        text = say("Marked as verified.")
        if not verified:
            text = say(
                "Not marked. If the numbers differ, somebody may be in between: do not write anything confidential."
            )
        where.out.line(data, text)

    run(where, action, engine=False)


@click.command()
@click.argument("who")
@click.option("--undo", is_flag=True)
@options
def block(who: str, undo: bool, home: Path | None, as_json: bool) -> None:
    """Takes nothing more from somebody: their way to write here is cut off, and a new hello is ignored."""
    where = setting(home, as_json)

    async def action(client: Client) -> None:
        contact = client.home.people.contact(client.find(who))
        client.block(contact, not undo)
        where.out.line({"short": contact.short, "blocked": not undo}, contact.short)

    run(where, action)
