"""What a host serves as the patient's page, held against what a release has (`spec/relay.md` R38, R39).

It is asked as browsers ask. That proves what was served to this machine, now: a host may serve others something else.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from html.parser import HTMLParser
from typing import Final

import aiohttp

MOST_BYTES: Final = 4 << 20
"""More than any file of a bundle, packed or plain: whoever sends more serves another."""
EACH_S: Final = 20.0
"""How long one answer may take, to its last byte."""
ALL_S: Final = 180.0
_PIECE: Final = 1 << 16

BROWSERS: Final = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Version/18.6 Mobile/15E148 Safari/604.1",
)
_FORBIDDEN: Final = (
    "Clear-Site-Data",
    "Content-Security-Policy-Report-Only",
    "Link",
    "NEL",
    "Refresh",
    "Report-To",
    "Reporting-Endpoints",
    "Service-Worker-Allowed",
    "Set-Cookie",
    "Speculation-Rules",
)
"""What loads something else, leads elsewhere, or tells somebody of the visit."""
_ZONE: Final = re.compile(rb'^<meta name="zone" content="([A-Za-z0-9_+/-]{1,64})">\n', re.MULTILINE)


class Fault(StrEnum):
    """Why an answer is not this release's; `detail` of a finding says more."""

    STATUS = "status"
    """The number."""
    REDIRECT = "redirect"
    """Where to. It was not followed."""
    BYTES = "bytes"
    """The SHA-256 of what came."""
    TYPE = "type"
    """The media type that came."""
    HEADER = "header"
    """Its name: missing, weaker, or one that no host of this page sends."""
    FOREIGN = "foreign"
    """What the page names, or holds, that this release's does not."""
    TOO_LARGE = "too large"
    BROKEN = "broken"
    """Not compressed as it says."""
    UNREACHED = "unreached"
    """No whole answer in time: nothing is known."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One path, and all that has to come from there."""

    path: str
    name: str
    type: str
    data: bytes = field(repr=False)
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    fault: Fault
    detail: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found at one path; as wanted where there is no finding. `zone`: what time zone the host states in it."""

    wanted: Wanted
    findings: tuple[Finding, ...]
    zone: str = ""

    @property
    def unreached(self) -> bool:
        return any(one.fault is Fault.UNREACHED for one in self.findings)


async def look(origin: str, wanted: Sequence[Wanted], each_s: float = EACH_S) -> list[Seen]:
    """Asks for everything, once as each of `BROWSERS`. Raises nothing of the network's: what was not reached is a finding."""
    session = aiohttp.ClientSession(auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar())
    seen: list[Seen] = []
    async with session:
        end = asyncio.get_running_loop().time() + ALL_S
        for one in wanted:
            found: dict[Finding, None] = {}
            zone = ""
            for browser in BROWSERS:
                left = min(each_s, end - asyncio.get_running_loop().time())
                findings, stated = await _one(session, origin, one, browser, left)
                found |= dict.fromkeys(findings)
                zone = zone or stated
            seen.append(Seen(one, tuple(found), zone))
    return seen


class _Overflow(Exception):
    pass


async def _one(
    session: aiohttp.ClientSession, origin: str, wanted: Wanted, browser: str, seconds: float
) -> tuple[list[Finding], str]:
    headers = {
        "User-Agent": browser,
        "Accept": "*/*",
        "Accept-Encoding": "gzip, deflate",
        "Accept-Language": "fr-FR,fr;q=0.9",
    }
    try:
        async with (
            asyncio.timeout(max(seconds, 0)),
            session.get(origin + wanted.path, headers=headers, allow_redirects=False) as answer,
        ):
            if 300 <= answer.status < 400:
                return [Finding(Fault.REDIRECT, answer.headers.get("Location", "")[:300])], ""
            if answer.status != 200:
                return [Finding(Fault.STATUS, str(answer.status))], ""
            data = await _body(answer)
    except _Overflow:
        return [Finding(Fault.TOO_LARGE, str(MOST_BYTES))], ""
    except zlib.error:
        return [Finding(Fault.BROKEN, "")], ""
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return [Finding(Fault.UNREACHED, type(error).__name__)], ""
    findings, zone = _compare(wanted, data)
    if answer.content_type != wanted.type:
        findings.append(Finding(Fault.TYPE, answer.content_type[:100]))
    findings += _headers(wanted, answer)
    return findings, zone


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    """Plain, and never more than `MOST_BYTES` of it in memory, however well it was packed."""
    coding = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip", "deflate"):
        raise zlib.error
    unpack = zlib.decompressobj(31 if coding == "gzip" else 15) if coding != "identity" else None
    found, came = bytearray(), 0
    async for piece in answer.content.iter_chunked(_PIECE):
        came += len(piece)
        found += piece if unpack is None else unpack.decompress(piece, MOST_BYTES + 1 - len(found))
        if max(came, len(found)) > MOST_BYTES:
            raise _Overflow
    if unpack is not None and (not unpack.eof or unpack.unused_data):
        raise zlib.error
    return bytes(found)


def _compare(wanted: Wanted, data: bytes) -> tuple[list[Finding], str]:
    if data == wanted.data:
        return [], ""
    stated = _ZONE.search(data) if wanted.type == "text/html" else None
    if stated and data[: stated.start()] + data[stated.end() :] == wanted.data:
        return [], stated[1].decode("ascii")
    findings = [Finding(Fault.BYTES, hashlib.sha256(data).hexdigest())]
    if wanted.type == "text/html":
        more = _names(data) - _names(wanted.data)
        findings += [Finding(Fault.FOREIGN, name[:300]) for name in sorted(more)[:20]]
    return findings, ""


class _Names(HTMLParser):
    """Everything that a page loads, leads to, or runs."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.found |= {
            given[name]
            for name in ("src", "href", "data", "action", "srcset", "poster", "manifest")
            if name in given
        }
        self.found |= {f"<{tag} {name}>" for name in given if name.startswith("on") or name == "srcdoc"}
        if tag == "script" and "src" not in given:
            self.found.add("<script>")
        if tag == "meta" and "http-equiv" in given:
            self.found.add(f"<meta http-equiv={given['http-equiv']}>")


def _names(data: bytes) -> set[str]:
    names = _Names()
    names.feed(data.decode("utf-8", "replace"))
    names.close()
    return names.found


def _headers(wanted: Wanted, answer: aiohttp.ClientResponse) -> list[Finding]:
    wrong = [name for name in _FORBIDDEN if name in answer.headers]
    for name, value in wanted.headers.items():
        came = answer.headers.getall(name, [])
        if name == "Content-Security-Policy":
            # Of several policies each holds: one that is ours is enough, but all of them may have somebody told.
            fits = any(_holds(_policy(value), _policy(one)) for one in came) and all(
                _policy(one).keys() <= _policy(value).keys() for one in came
            )
        else:
            fits = len(came) == 1 and _parts(came[0]) == _parts(value)
        if not fits:
            wrong.append(name)
    return [Finding(Fault.HEADER, name) for name in wrong]


def _parts(value: str) -> set[str]:
    return {part.strip().lower() for part in value.split(",")}


def _policy(value: str) -> dict[str, frozenset[str]]:
    """Its directives; of one that is there twice the first counts, as in browsers."""
    found: dict[str, frozenset[str]] = {}
    for directive in value.split(";"):
        words = directive.split()
        if words:
            found.setdefault(words[0].lower(), frozenset(words[1:]))
    return found


def _holds(ours: dict[str, frozenset[str]], theirs: dict[str, frozenset[str]]) -> bool:
    """The same; fewer relays may be allowed than by us."""
    name = "connect-src"
    return ours.keys() == theirs.keys() and all(
        theirs[one] <= ours[one] if one == name else theirs[one] == ours[one] for one in ours
    )
