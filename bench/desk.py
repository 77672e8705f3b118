"""The desk with 500 conversations and 10,000 messages, over HTTP as its page asks: the inbox, a conversation, a search.

Every conversation is a real one (an MLS group, a queue, books); its messages are put into the encrypted database as they
would come. No relay is there: what is measured is what a person waits for at the desk.
"""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import aiohttp

from colloque.client.client import now_ms
from colloque.desk.server import DeskServer
from colloque.protocol.session.answer import answer
from colloque.protocol.session.greet import Host, greet
from colloque.protocol.session.keys import new_queue
from colloque.protocol.session.model import Context, Identity
from colloque.store.client.home import Home
from colloque.wire import xwing
from colloque.wire.content.content import Content
from colloque.wire.content.text import Text
from colloque.wire.hello import Hello
from colloque.wire.links import Link, LinkKind
from colloque.wire.profile import Profile

CONVERSATIONS: Final = 500
MESSAGES: Final = 10_000
RELAY: Final = "http://127.0.0.1:9"
PASSPHRASE: Final = "a passphrase for figures"
_SYLLABLES: Final = [a + b for a in "bcdflmnrst" for b in "aeiou"]


def identity(name: str) -> Identity:
    return Identity(os.urandom(32), Profile(name), RELAY, b"")


def fill(home: Home, chance: random.Random) -> None:
    words = ["".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))) for _ in range(4_000)]
    ctx, conversations = home.context(), []
    seed, secret, pin = os.urandom(32), os.urandom(32), os.urandom(32)
    link = Link(LinkKind.INVITATION, RELAY, RELAY, secret, pin)
    host = Host(
        ctx.identity.key,
        ctx.identity.profile,
        new_queue(ctx, RELAY, b"").offer.address(0),
        xwing.public_key(seed),
    )
    for n in range(CONVERSATIONS):
        other = Context(identity(f"{words[2 * n].title()} {words[2 * n + 1].title()}"), ctx.now, os.urandom)
        _, effects = greet(other, link, host)
        sealed = next(e.payload for e in effects if hasattr(e, "payload"))
        hello = Hello.unseal(sealed, hpke_seed=seed, secret=secret, recipient=ctx.identity.key, pin=pin)
        with home.database.transaction():
            home.steps.begin(ctx, *answer(ctx, hello, link.psk, None))
        conversations.append((hello.conversation, other.identity.key))
    with home.database.transaction():
        for n in range(MESSAGES):
            # As in a practice: few write much, many write little.
            conversation, author = conversations[
                min(int(chance.expovariate(4 / CONVERSATIONS)), CONVERSATIONS - 1)
            ]
            text = " ".join(chance.choices(words, k=chance.randint(4, 40))) + (" tension" if n % 2 else "")
            content = Content(os.urandom(16), n, ctx.now, Text(text))
            home.database.execute(
                "INSERT INTO message (id, conversation, author, kind, number, body, sent_at, came_at, state, shown)"
                " VALUES (?,?,?,'text',?,?,?,?,'here',?)",
                *(
                    content.id,
                    conversation,
                    author,
                    n,
                    content.encode(),
                    ctx.now,
                    ctx.now,
                    0 if n % 50 == 0 else 2,
                ),
            )


async def _timed(session: aiohttp.ClientSession, url: str, rounds: int = 40) -> dict[str, float]:
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        async with session.get(url) as answered:
            assert answered.status == 200
            size = len(await answered.read())
        taken.append(1000 * (time.perf_counter() - began))
    return {
        "p50_ms": round(statistics.median(taken), 1),
        "p95_ms": round(sorted(taken)[int(0.95 * rounds)], 1),
        "bytes": size,
    }


async def run() -> dict[str, Any]:
    chance = random.Random(4)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "home"
        home = Home.create(folder, PASSPHRASE, identity("Dr Anne"), random=os.urandom, clock=now_ms)
        fill(home, chance)
        (common,) = home.database.one(
            "SELECT conversation FROM message GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
        )
        rare = home.messages.page(common, None, 1)[0].text.split()[0]
        home.close()
        jar = aiohttp.CookieJar(unsafe=True)
        async with DeskServer(folder) as server, aiohttp.ClientSession(cookie_jar=jar) as session:
            origin = server.gate.origin
            async with session.get(server.gate.address, allow_redirects=False):
                pass
            await server.desk.unlock(PASSPHRASE)
            await asyncio.sleep(3)
            return {
                "inbox": await _timed(session, f"{origin}/api/conversations"),
                "history of 50": await _timed(session, f"{origin}/api/conversations/{common.hex()}/history"),
                "search, a word of half the messages": await _timed(
                    session, f"{origin}/api/search?q=tension"
                ),
                "search, a word of fifty messages": await _timed(session, f"{origin}/api/search?q={rare}"),
                "search, two letters begun": await _timed(session, f"{origin}/api/search?q=ba"),
                "search, two words": await _timed(session, f"{origin}/api/search?q=ta+tension"),
                "search, nothing there": await _timed(session, f"{origin}/api/search?q=zzzz"),
            }


if __name__ == "__main__":
    for what, figures in asyncio.run(run()).items():
        print(f"{what:40} {figures}")
