"""Nobody but the desk's own page, in the browser that entered, is answered; and everything is bounded."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import aiohttp
import pytest

from colloque.desk import gate
from colloque.desk.server import AlreadyRuns, DeskServer, running_address
from tests.desk.page import Page, page

PATHS = [
    ("GET", "/"),
    ("GET", "/api/state"),
    ("POST", "/api/unlock"),
    ("GET", "/api/conversations"),
    ("GET", "/no"),
]


def every_route(server: DeskServer) -> list[tuple[str, str]]:
    """Each method and path there is, with ids of nothing in its gaps."""
    assert server._runner is not None
    found = []
    for route in server._runner.app.router.routes():
        path = re.sub(r"\{\w+\}", "0" * 32, route.resource.canonical if route.resource else "")
        if route.method != "HEAD":
            found.append((route.method, path))
    return found


async def test_every_address_refuses_strangers(desk: Page) -> None:
    server, origin = desk.server, desk.server.gate.origin
    routes = every_route(server)
    assert len(routes) > 40
    cookie = {c.key: c.value for c in desk.session.cookie_jar}
    async with aiohttp.ClientSession() as stranger:
        for method, path in routes:
            async with stranger.request(method, origin + path, headers={"Origin": origin}) as answer:
                assert answer.status == 401, (method, path)
            for wrong, status in (
                ({"Host": f"localhost:{server.gate.port}"}, 421),
                ({"Host": f"evil.example:{server.gate.port}"}, 421),
                ({"Host": "127.0.0.1"}, 421),
                ({"Origin": "http://evil.example"}, 403),
                ({"Origin": "null"}, 403),
                ({"Origin": f"http://localhost:{server.gate.port}"}, 403),
                ({"Origin": origin, "Sec-Fetch-Site": "same-site"}, 403),
                ({"Origin": origin, "Sec-Fetch-Site": "cross-site"}, 403),
            ):
                async with stranger.request(method, origin + path, headers=wrong, cookies=cookie) as answer:
                    assert (answer.status, await answer.read()) == (status, b""), (method, path, wrong)


@pytest.mark.parametrize("origin", [None, "http://evil.example", "null"])
async def test_a_socket_wants_the_pages_own_origin(desk: Page, origin: str | None) -> None:
    url = f"ws://{desk.server.gate.host}/api/changes"
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await desk.session.ws_connect(url, origin=origin)
    assert refused.value.status == 403


async def test_what_changes_something_wants_an_origin(desk: Page) -> None:
    async with desk.session.post(desk.server.gate.origin + "/api/lock", json={"keys": True}) as answer:
        assert answer.status == 403
    assert (await desk.get("/api/state"))["standing"] == "open"


async def test_the_token_opens_and_nothing_else_does(here: object, desk: Page) -> None:
    origin = desk.server.gate.origin
    async with aiohttp.ClientSession() as stranger:
        for token in ("", "x", desk.server.gate.token[:-1], desk.server.gate.token + "x", "%ff%00"):
            async with stranger.get(f"{origin}/enter?token={token}", allow_redirects=False) as answer:
                assert (answer.status, answer.cookies) == (401, {}), token
    async with (
        aiohttp.ClientSession() as browser,
        browser.get(desk.server.gate.address, allow_redirects=False) as answer,
    ):
        assert answer.status == 303
        (cookie,) = answer.cookies.values()
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/")
        assert desk.server.gate.token not in answer.headers["Location"] + cookie.value


async def test_cookies_are_few(desk: Page) -> None:
    for _ in range(gate.COOKIES):
        async with (
            aiohttp.ClientSession() as other,
            other.get(desk.server.gate.address, allow_redirects=False),
        ):
            pass
    status, _ = await desk.ask("GET", "/api/state")
    assert status == 401


async def test_headers_of_every_answer(desk: Page) -> None:
    for method, path in PATHS:
        url = desk.server.gate.origin + path
        async with desk.session.request(method, url, headers={"Origin": desk.server.gate.origin}) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'"), path
            assert "unsafe" not in policy
            assert "http" not in policy
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["Server"] == "colloque"


async def test_bodies_are_bounded(desk: Page) -> None:
    assert (await desk.ask("POST", "/api/links/look", {"link": "x" * 70_000}))[0] in (400, 413)
    deep = b"[" * 50_000
    kinds = (
        (b"[]", "application/json"),
        (b"{", "application/json"),
        (b"{}", "text/plain"),
        (deep, "application/json"),
    )
    for data, kind in kinds:
        status, body = await desk.ask("POST", "/api/lock", data=data, headers={"Content-Type": kind})
        assert (status, body["error"]["code"]) == (400, "refused")
    for body in ({}, {"keys": 1}, {"keys": None}):
        assert await desk.refused("POST", "/api/lock", body) == (400, "refused")


async def test_sockets_are_few(desk: Page) -> None:
    url, origin = f"ws://{desk.server.gate.host}/api/changes", desk.server.gate.origin
    sockets = [await desk.session.ws_connect(url, origin=origin) for _ in range(8)]
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await desk.session.ws_connect(url, origin=origin)
    for socket in sockets:
        await socket.close()


async def test_one_desk_a_home_and_its_address_for_nobody_else(desk: Page) -> None:
    folder = desk.server.desk.folder
    assert stat.S_IMODE((folder / "desk.json").stat().st_mode) == 0o600
    with pytest.raises(AlreadyRuns) as runs:
        await DeskServer(folder).__aenter__()
    assert runs.value.address == desk.server.gate.address


async def test_it_listens_on_this_machine_only_and_cleans_up(tmp_path: Path) -> None:
    async with page(tmp_path / "home") as opened:
        assert opened.server._runner is not None
        assert [a[0] for a in opened.server._runner.addresses] == ["127.0.0.1"]
        assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700
    assert running_address(tmp_path / "home") == ""


async def test_the_front_is_served_from_its_folder_alone(tmp_path: Path) -> None:
    front = tmp_path / "front"
    (front / "assets").mkdir(parents=True)
    (front / "index.html").write_text("<!doctype html><title>x</title>")
    (front / "assets" / "desk-0.js").write_text("1")
    (tmp_path / "secret").write_text("secret")
    async with page(tmp_path / "home", page=front) as opened:
        assert await opened.get("/") == b"<!doctype html><title>x</title>"
        async with opened.session.get(opened.server.gate.origin + "/assets/desk-0.js") as answer:
            assert answer.content_type == "text/javascript"
        for path in ("/../secret", "/assets/../../secret", "/%2e%2e/secret", "/assets%2f..%2f..%2fsecret"):
            assert (await opened.ask("GET", path))[0] == 404, path
