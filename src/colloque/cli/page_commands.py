"""Commands about the patient's page: verify-page."""

from __future__ import annotations

import asyncio
import hashlib
import importlib.metadata
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import click

from colloque.cli import streams
from colloque.cli.context import Setting, options, setting
from colloque.cli.exits import Exit
from colloque.cli.output import problems
from colloque.cli.words import say
from colloque.client.served import Fault, Finding, Seen, Wanted, look
from colloque.relay.pages import BUNDLE, INDEX, PLACES, SUMS, File, page_headers, read_bundle, sums
from colloque.wire.address import check_origin
from colloque.wire.codec import WireError

_ALWAYS: Final = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
_WORDS: Final = {
    Fault.STATUS: "nothing is served there (status {detail})",
    Fault.REDIRECT: "leads elsewhere: {detail}",
    Fault.BYTES: "is another file: SHA-256 {detail}",
    Fault.TYPE: "is served as {detail}",
    Fault.HEADER: "this header is missing, weaker, or not to be there: {detail}",
    Fault.FOREIGN: "holds or names what this release does not: {detail}",
    Fault.TOO_LARGE: "is larger than any file of a release",
    Fault.BROKEN: "is not packed as it says",
    Fault.UNREACHED: "no whole answer in time ({detail})",
}


def _bundle() -> dict[str, File]:
    """This installation's own, which has to be what was built."""
    bundle = read_bundle()
    if not bundle:
        raise FileNotFoundError(2, "", str(BUNDLE / INDEX))
    if (BUNDLE / SUMS).read_bytes() != sums(bundle):
        raise WireError("this installation's own page is not what was released: install it again")
    return bundle


def _origin(address: str) -> str:
    """Of a whole link too; what stands after the # is thrown away, and not sent."""
    front = address.strip().partition("#")[0].rstrip("/")
    for place in PLACES:
        front = front.removesuffix(place)
    try:
        return check_origin(front)
    except WireError as error:
        # Not 4: that is what a false page ends with.
        raise click.UsageError(say(str(error))) from None


def _wanted(bundle: dict[str, File], origin: str) -> list[Wanted]:
    headers = {**_ALWAYS, **page_headers(urlsplit(origin).netloc)}
    index = bundle[INDEX]
    pages = [
        Wanted(place, INDEX, index.type, index.plain, {**headers, "Cache-Control": "no-store"})
        for place in PLACES
    ]
    parts = [
        Wanted(f"/page/{name}", name, file.type, file.plain, _ALWAYS)
        for name, file in bundle.items()
        if name != INDEX
    ]
    return pages + parts


@click.command("verify-page")
@click.argument("address", metavar="[URL]", default="")
@click.option("--manifest", is_flag=True, help="Only print this release's list: the SHA-256 of each file.")
@options
def verify_page(address: str, manifest: bool, home: Path | None, as_json: bool) -> None:
    """Compares the patient's page, as URL serves it, with this release's. Ends with 4 where it differs."""
    where = setting(home, as_json)
    with problems(where.out):
        bundle = _bundle()
        if manifest:
            _print(where, bundle)
        elif address:
            origin = _origin(address)
            _tell(where, origin, sums(bundle), asyncio.run(look(origin, _wanted(bundle, origin))))
        else:
            raise click.UsageError(say("give the page's address, or --manifest"))


def _release() -> str:
    return importlib.metadata.version("colloque")


def _print(where: Setting, bundle: dict[str, File]) -> None:
    listed = sums(bundle)
    over_all = hashlib.sha256(listed).hexdigest()
    if where.out.json:
        files = {name: hashlib.sha256(file.plain).hexdigest() for name, file in bundle.items()}
        where.out.line({"release": _release(), "sha256": over_all, "files": files}, "")
        return
    # To the byte: `sha256sum -c` reads it, and its own SHA-256 is the one over all.
    streams.write(listed.decode())
    where.out.hint(say("Release {release}; SHA-256 of this list: {hash}", release=_release(), hash=over_all))


def _sentence(found: Finding) -> str:
    return say(_WORDS[found.fault], detail=found.detail)


def _tell(where: Setting, origin: str, listed: bytes, seen: list[Seen]) -> None:
    differ = unreached = False
    for one in seen:
        same = not one.findings
        unreached |= one.unreached
        differ |= any(found.fault is not Fault.UNREACHED for found in one.findings)
        data = {
            "path": one.wanted.path,
            "file": one.wanted.name,
            "sha256": hashlib.sha256(one.wanted.data).hexdigest(),
            "same": same,
            "findings": [{"fault": found.fault.value, "detail": found.detail} for found in one.findings],
        }
        words = say("the same") if same else "; ".join(_sentence(found) for found in one.findings)
        where.out.line(data, f"{one.wanted.path}  {words}")
        if one.zone:
            where.out.hint(say("The host states a time zone in it: {zone}.", zone=one.zone))
    if differ:
        where.out.problem(Exit.REFUSED, say("This is NOT the page of release {release}.", release=_release()))
    if unreached:
        where.out.problem(
            Exit.AGAIN, say("Not everything was reached: nothing is proved. Run the command again.")
        )
    data = {
        "page": "same",
        "origin": origin,
        "release": _release(),
        "sha256": hashlib.sha256(listed).hexdigest(),
    }
    where.out.line(data, say("This is the page of release {release}.", release=_release()))
    where.out.hint(
        say(
            "That is what was served to this computer now: a host can serve others, or later, something else."
        )
    )
