"""`colloque verify-page`: a real relay, and hosts that serve something else."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import subprocess
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from colloque.cli.page_commands import _wanted
from colloque.client.served import MOST_BYTES, Fault, Seen, look
from colloque.relay.http_api import guard
from colloque.relay.pages import BUNDLE, INDEX, SUMS, File, Pages, read_bundle
from tests.cli.shell import Shell
from tests.support.absent import skip_or_fail


@pytest.fixture
def bundle() -> dict[str, File]:
    found = read_bundle()
    if not found:
        skip_or_fail("the pages are not built: `make web` (it wants npm)")
    return found


def script(bundle: dict[str, File]) -> str:
    return next(name for name in bundle if name.endswith(".js"))


def changed(file: File, data: bytes) -> File:
    return replace(file, plain=data, packed=gzip.compress(data))


@asynccontextmanager
async def host(bundle: dict[str, File], *middlewares: Middleware) -> AsyncIterator[str]:
    """The relay's own pages over this bundle, behind whatever a host puts before them."""
    application = web.Application(middlewares=[*middlewares, guard])
    application.add_routes(Pages(bundle).routes())
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


async def found(
    bundle: dict[str, File], origin: str, seconds: float = 10
) -> dict[str, Sequence[tuple[Fault, str]]]:
    seen: list[Seen] = await look(origin, _wanted(bundle, origin), seconds)
    assert len(seen) == len(bundle) + 1
    return {one.wanted.path: [(f.fault, f.detail) for f in one.findings] for one in seen if one.findings}


def test_a_relay_serves_its_release(shell: Shell, bundle: dict[str, File]) -> None:
    *files, last = (
        json.loads(line) for line in shell.raw("--json", "verify-page", shell.url).stdout.splitlines()
    )
    assert [one["path"] for one in files] == ["/i", "/c", *(f"/page/{n}" for n in bundle if n != INDEX)]
    assert all(one["same"] and not one["findings"] for one in files)
    listed = (BUNDLE / SUMS).read_bytes()
    assert last["sha256"] == hashlib.sha256(listed).hexdigest()
    for address in (f"{shell.url}/", f"{shell.url}/i", f"{shell.url}/i#whatever"):
        assert shell.raw("verify-page", address).returncode == 0
    said = shell.raw("verify-page", shell.url, LC_ALL="fr_FR.UTF-8")
    assert "C'est la page de la version" in said.stdout
    assert "plus tard" in said.stderr


def test_the_list_is_printed_to_the_byte(shell: Shell, bundle: dict[str, File]) -> None:
    said = shell.raw("verify-page", "--manifest")
    assert said.stdout.encode() == (BUNDLE / SUMS).read_bytes()
    assert hashlib.sha256(said.stdout.encode()).hexdigest() in said.stderr
    listed = json.loads(shell.raw("--json", "verify-page", "--manifest").stdout)
    assert listed["files"] == {name: hashlib.sha256(file.plain).hexdigest() for name, file in bundle.items()}
    assert listed["sha256"] in said.stderr


def test_how_it_ends(shell: Shell, bundle: dict[str, File]) -> None:
    assert shell.raw("verify-page").returncode == 2
    assert shell.raw("verify-page", "http://relay.example").returncode == 2
    url = shell.url
    shell.stop()
    *files, last = (json.loads(line) for line in shell.raw("--json", "verify-page", url).stdout.splitlines())
    assert last["code"] == 7
    assert {finding["fault"] for one in files for finding in one["findings"]} == {"unreached"}
    shell.start()


async def test_a_page_that_differs_ends_with_4(shell: Shell, bundle: dict[str, File]) -> None:
    name = script(bundle)
    other = changed(bundle[name], bundle[name].plain[:-1] + b" ")
    async with host(bundle | {name: other}) as origin:
        said: subprocess.CompletedProcess[str] = await asyncio.to_thread(
            shell.raw, "--json", "verify-page", origin
        )
    *files, last = (json.loads(line) for line in said.stdout.splitlines())
    assert said.returncode == last["code"] == 4
    digest = hashlib.sha256(other.plain).hexdigest()
    assert [(one["file"], one["findings"]) for one in files if not one["same"]] == [
        (name, [{"fault": "bytes", "detail": digest}])
    ]


async def test_nothing_is_found_where_all_is_the_same(bundle: dict[str, File]) -> None:
    async with host(bundle) as origin:
        assert await found(bundle, origin) == {}


async def test_one_more_script(bundle: dict[str, File]) -> None:
    index = bundle[INDEX]
    more = b'<script src="https://elsewhere.example/x.js"></script><img src=x onerror=go()><script>1</script></head>'
    async with host(bundle | {INDEX: changed(index, index.plain.replace(b"</head>", more))}) as origin:
        seen = await found(bundle, origin)
    assert seen.keys() == {"/i", "/c"}
    foreign = {detail for fault, detail in seen["/i"] if fault is Fault.FOREIGN}
    assert foreign == {"https://elsewhere.example/x.js", "<script>", "x", "<img onerror>"}


async def test_a_missing_file(bundle: dict[str, File]) -> None:
    name = script(bundle)
    async with host({other: file for other, file in bundle.items() if other != name}) as origin:
        assert await found(bundle, origin) == {f"/page/{name}": [(Fault.STATUS, "404")]}


def before(path: str, answer: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> Middleware:
    """A host that answers by itself at one path."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await (answer(request) if request.path == path else handler(request))

    return middleware


def told(**headers: str | None) -> Middleware:
    """A host that puts a header in, or takes one out."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        for name, value in headers.items():
            response.headers.popall(name.replace("_", "-"), None)
            if value is not None:
                response.headers[name.replace("_", "-")] = value
        return response

    return middleware


async def test_a_redirect_is_not_followed(bundle: dict[str, File]) -> None:
    asked: list[str] = []

    async def elsewhere(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        return web.Response(status=302, headers={"Location": "/c"})

    async with host(bundle, before("/i", elsewhere)) as origin:
        assert await found(bundle, origin) == {"/i": [(Fault.REDIRECT, "/c")]}
    assert asked == ["/i", "/i"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Content_Security_Policy", None),
        ("Content_Security_Policy", "default-src 'self'"),
        ("Permissions_Policy", "camera=*"),
        ("Cross_Origin_Opener_Policy", None),
        ("Referrer_Policy", "unsafe-url"),
        ("Set_Cookie", "who=you"),
        ("Link", "<https://elsewhere.example/x.js>; rel=preload; as=script"),
        ("Refresh", "0; url=https://elsewhere.example"),
        ("Content_Security_Policy_Report_Only", "default-src 'none'; report-uri https://elsewhere.example"),
    ],
)
async def test_a_header_that_matters(bundle: dict[str, File], name: str, value: str | None) -> None:
    async with host(bundle, told(**{name: value})) as origin:
        seen = await found(bundle, origin)
    assert (Fault.HEADER, name.replace("_", "-")) in seen["/i"]


async def test_a_policy_may_be_stricter_and_not_looser(bundle: dict[str, File]) -> None:
    for more, fits in (
        ({"http: ws:": ""}, True),
        ({"script-src 'self'": "script-src 'self' 'unsafe-inline'"}, False),
        ({"frame-ancestors 'none'": "frame-ancestors 'none'; report-uri /told"}, False),
        ({" require-trusted-types-for 'script';": ""}, False),
        ({"connect-src 'self'": "connect-src 'self' *"}, False),
    ):
        policies: list[str] = []

        @web.middleware
        async def other(request: web.Request, handler: Handler) -> web.StreamResponse:
            response = await handler(request)
            policy = response.headers.get("Content-Security-Policy")
            if policy is not None:
                for old, new in more.items():  # noqa: B023
                    policy = policy.replace(old, new)
                policies.append(policy)  # noqa: B023
                response.headers["Content-Security-Policy"] = policy
            return response

        async with host(bundle, other) as origin:
            assert ("/i" not in await found(bundle, origin)) is fits, policies[0]


async def test_huge_answers_are_cut_off(bundle: dict[str, File]) -> None:
    """In the plain, and as a small file that unpacks to a hundred times as much."""
    bomb = gzip.compress(bytes(400 << 20), 9)
    assert len(bomb) < MOST_BYTES
    sent = 0

    async def plain(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(1000):
            await response.write(bytes(1 << 20))
            sent += 1
        return response

    async def packed(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"}, content_type="text/html")

    async with host(bundle, before("/i", plain), before("/c", packed)) as origin:
        too_large = [(Fault.TOO_LARGE, str(MOST_BYTES))]
        tracemalloc.start()
        try:
            assert await found(bundle, origin) == {"/i": too_large, "/c": too_large}
            assert tracemalloc.get_traced_memory()[1] < 8 * MOST_BYTES
        finally:
            tracemalloc.stop()
    assert sent < 100


async def test_slow_answers_are_not_waited_for(bundle: dict[str, File]) -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(100):
            await response.write(b" ")
            await asyncio.sleep(0.1)
        return response

    async with host(bundle, before("/c", drip)) as origin:
        began = asyncio.get_running_loop().time()
        assert await found(bundle, origin, 0.5) == {"/c": [(Fault.UNREACHED, "TimeoutError")]}
        assert asyncio.get_running_loop().time() - began < 5


async def test_what_only_one_kind_of_browser_is_sent(bundle: dict[str, File]) -> None:
    index = bundle[INDEX].plain

    async def chosen(request: web.Request) -> web.StreamResponse:
        body = index + b" " if "iPhone" in request.headers["User-Agent"] else index
        return web.Response(body=body, content_type="text/html")

    async with host(bundle, before("/c", chosen)) as origin:
        seen = await found(bundle, origin)
    assert (Fault.BYTES, hashlib.sha256(index + b" ").hexdigest()) in seen["/c"]


async def test_a_stated_time_zone_is_no_difference_and_is_told(bundle: dict[str, File]) -> None:
    index = bundle[INDEX]
    for line, fits in (
        (b'<meta name="zone" content="Indian/Reunion">\n', True),
        (b'<meta name="zone" content="Indian/Reunion">', False),
        (b'<meta name="zone" content="x" http-equiv="refresh">\n', False),
    ):
        page = changed(index, index.plain.replace(b"<title>", line + b"<title>"))
        async with host(bundle | {INDEX: page}) as origin:
            seen = await look(origin, _wanted(bundle, origin))
        assert (not seen[0].findings) is fits
        assert seen[0].zone == ("Indian/Reunion" if fits else "")
