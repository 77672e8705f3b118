"""Commands about people: init, token, invite, card, accept, contacts, verify, block."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import Any

import click
import segno

from colloque.cli import streams
from colloque.cli.context import Setting, carried_out, new_passphrase, options, run, setting
from colloque.cli.exits import Exit
from colloque.cli.output import local, problems
from colloque.cli.visible import one_line
from colloque.cli.words import say, translated
from colloque.client.client import Client, Invited, now_ms
from colloque.client.relay.errors import RelayError, UnsafeRelay
from colloque.client.relay.http import RelayLimits
from colloque.client.tokens import check_token
from colloque.protocol.session.model import Phase
from colloque.store.client.founding import check_free
from colloque.store.client.pending import Pending
from colloque.store.client.people import Contact
from colloque.wire.codec import Writer
from colloque.wire.profile import Profile

_UNITS = {"m": 60, "h": 3_600, "d": 86_400, "j": 86_400, "w": 604_800}


WANTS_ONE = (
    "This relay wants a token from whoever invites: ask its administrator, then `colloque token TOKEN`. Following"
    " somebody's link works without one."
)


def duration(_context: Any, _parameter: Any, value: str) -> int:
    found = re.fullmatch(r"(\d{1,4})([mhdjw])", value.strip().lower())
    if not found or not 60 <= int(found[1]) * _UNITS[found[2]] <= 30 * 86_400:
        raise click.BadParameter("for example 30m, 12h or 7d; 30 days at most")
    return int(found[1]) * _UNITS[found[2]]


@click.command()
@click.option("--relay", required=True, help="Your relay's address, https://…")
@click.option("--name", required=True, help="Your name, as others see it.")
@click.option("--profession", default="", help="Your profession, as others see it.")
@click.option("--rpps", default="", help="Your RPPS number: 11 digits.")
@click.option("--token", default="", help="The token that the relay's administrator gave you.")
@options
def init(
    relay: str, name: str, profession: str, rpps: str, token: str, home: Path | None, as_json: bool
) -> None:
    """Makes your identity, in a home of its own."""
    where = setting(home, as_json)
    profile = Profile(name.strip(), profession.strip(), rpps.replace(" ", ""))

    async def make() -> RelayLimits | None:
        profile.write_to(Writer())
        given = check_token(token) if token.strip() else b""
        check_free(where.home)
        try:
            limits = await Client.ask(relay)
        except UnsafeRelay:
            raise
        except RelayError:
            limits = None
        secret = new_passphrase()
        await Client.create(where.home, relay=relay, profile=profile, passphrase=secret, token=given)
        return limits

    with problems(where.out):
        limits = asyncio.run(make())
        needs_token = limits is not None and limits.creation == "grant" and not token.strip()
        data = {"home": str(where.home), "name": name, "relay": relay, "needs_token": needs_token}
        where.out.line(data | {"reached": limits is not None}, say("Your identity is ready."))
        if needs_token:
            where.out.hint(say(WANTS_ONE))
        if limits is None:
            where.out.hint(say("The relay could not be reached; everything will be sent once it answers."))
            sys.exit(Exit.KEPT)


@click.command()
@click.argument("given", metavar="TOKEN")
@options
def token(given: str, home: Path | None, as_json: bool) -> None:
    """Keeps the TOKEN that your relay's administrator gave you, in place of the one before."""
    where = setting(home, as_json)

    async def action(client: Client) -> None:
        client.home.set_token(check_token(given))
        where.out.line({"token": "kept"}, say("The token is kept."))

    run(where, action, engine=False)


def _show_link(where: Setting, invited: Invited, words: str) -> None:
    where.out.hint(words)
    where.out.line({"link": invited.link, "ready": invited.ready}, invited.link)
    if not where.out.json and sys.stdout.isatty():
        segno.make(invited.link, error="l").terminal(out=sys.stdout, compact=True)
    if not invited.ready:
        words = "The link works once the relay has been reached: keep it, and run `colloque receive` later."
        where.out.hint(say(words))
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
            where.out.problem(Exit.REFUSED, translated(client.home.refusal))
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

    async def action(client: Client) -> int:
        if "://" not in link:
            conversation, pending = client.find(link), Pending(client.home.database)
            client.let_back(conversation)
            data = {"conversation": conversation.hex(), "short": client.home.people.short(conversation)}
            where.out.line(data, say("They may come back."))
            return await carried_out(where, client, pending)
        # Some programs write the # of a link that they carry as %23.
        whole = link if "#" in link else link.replace("%23", "#")
        conversation = await client.accept(whole, text)
        short = client.home.people.short(conversation)
        name = client.home.people.contact(conversation).profile.name
        gone = await client.until(lambda: client.hello_left(conversation), timeout)
        words = "You follow the link of {name} (stated by them). They are called {short} here."
        where.out.line(
            {"conversation": conversation.hex(), "short": short}, say(words, name=name, short=short)
        )
        if gone:
            return Exit.DONE
        words = "The relay could not be reached; everything will be sent once it answers."
        where.out.hint(translated(client.home.refusal) or say(words))
        return Exit.KEPT

    sys.exit(run(where, action))


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
    stated = (c.profile.name, c.profile.profession, c.profile.rpps)
    about = ", ".join(one_line(part) for part in stated if part)
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
            streams.write(f"{number}\n")
        answer = yes
        if not yes and not denied and not verified and not where.out.json and sys.stdin.isatty():
            question = "Compare it aloud, by telephone or face to face. Is it the same at both ends?"
            answer = click.confirm(say(question), default=False, err=True)
            denied_now = not answer
        else:
            denied_now = denied
        if answer or denied_now:
            verified = bool(answer)
            client.home.people.set_verified(contact.key, verified)
        data = {"short": contact.short, "name": contact.name, "verified": verified, "safety_number": number}
        text = say(
            "Their number is verified already." if verified and contact.verified else "Marked as verified."
        )
        if not verified:
            text = say(
                "Not marked. If the numbers differ, somebody may be in between: do not write anything confidential."
            )
        where.out.line(data, text)

    run(where, action, engine=False)


@click.command()
@click.argument("who")
@click.option("--undo", is_flag=True, help="Take from them again; what was refused meanwhile is sent again.")
@options
def block(who: str, undo: bool, home: Path | None, as_json: bool) -> None:
    """Takes nothing more from somebody: their way to write here is cut off, and a new hello is ignored."""
    where = setting(home, as_json)

    async def action(client: Client) -> int:
        contact = client.home.people.contact(client.find(who))
        pending = Pending(client.home.database)
        client.block(contact, not undo)
        words = "No longer blocked: {name}" if undo else "Blocked: {name}"
        where.out.line({"short": contact.short, "blocked": not undo}, say(words, name=contact.short))
        return await carried_out(where, client, pending)

    sys.exit(run(where, action))
