"""The bundle: the same bytes at every build, small, and served as it should be (`spec/relay.md` R38, R39)."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import aiohttp
import pytest

from colloque.desk import pages
from colloque.relay.pages import BUNDLE, SUMS, read_bundle, sums
from tests.support.absent import skip_or_fail
from tests.support.relays import running

WEB = Path(__file__).resolve().parents[2] / "web"
GOAL_BYTES = 120_000
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@pytest.fixture(autouse=True)
def _built() -> None:
    if shutil.which("node") is None or not (WEB / "node_modules").exists():
        skip_or_fail("Node or the page's packages are not here: `make web`")


def inside(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def build(folder: Path) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The patient's page, and the desk's."""
    folder.mkdir()
    patient, desk = folder / "patient", folder / "desk"
    subprocess.run(["node", str(WEB / "build.mjs"), str(patient), str(desk)], check=True, cwd=folder)
    return inside(patient), inside(desk)


def test_two_builds_give_the_same_bytes(tmp_path: Path) -> None:
    """From two working folders, and the same as what the relay and the desk serve."""
    (tmp_path / "a").mkdir()
    first, second = build(tmp_path / "one"), build(tmp_path / "a" / "two")
    assert first == second
    assert first == (inside(BUNDLE), inside(pages.FOLDER))
    for files in first:
        assert str(tmp_path).encode() not in b"".join(files.values())


@pytest.mark.parametrize(
    ("folder", "base"), [(BUNDLE, "/page/"), (pages.FOLDER, "/")], ids=["patient", "desk"]
)
def test_it_is_small_and_asks_nobody_else(folder: Path, base: str) -> None:
    files = inside(folder)
    packed = sum(
        len(gzip.compress(data, 9)) for name, data in files.items() if name not in ("index.html", SUMS)
    )
    print(packed, "bytes of scripts and styles, gzipped")
    assert packed < GOAL_BYTES
    page = files["index.html"].decode()
    assert set(re.findall(r'(?:src|href)="([^"]+)"', page)) == {
        f"{base}{name}" for name in files if name not in ("index.html", SUMS)
    }
    for name, integrity in re.findall(rf'"{base}([^"]+)" integrity="sha384-([^"]+)"', page):
        assert base64.b64encode(hashlib.sha384(files[name]).digest()).decode() == integrity
    assert "<script>" not in page
    assert "style=" not in page


def test_the_list_of_hashes_is_of_what_is_served() -> None:
    """As `sha256sum` reads it; the list itself is served to nobody."""
    done = subprocess.run(["sha256sum", "--strict", "-c", SUMS], cwd=BUNDLE, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (BUNDLE / SUMS).read_bytes() == sums(read_bundle())
    assert len(read_bundle()) == len(list(BUNDLE.iterdir())) - 1


def test_the_typescript_tests_pass() -> None:
    done = subprocess.run(["node", "test/run.mjs"], cwd=WEB, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr[-2_000:]
    assert re.search(r"^# pass [1-9]\d\d", done.stdout, re.MULTILINE), "hardly any test was run"


async def test_how_it_is_served(tmp_path: Path) -> None:
    """R38, R39"""
    async with running(tmp_path) as (server, session):
        for path in ("/i", "/c"):
            async with session.get(server.url + path) as answer:
                page, policy = await answer.text(), answer.headers["Content-Security-Policy"]
                assert answer.headers["Cache-Control"] == "no-store"
                assert answer.headers["Referrer-Policy"] == "no-referrer"
                assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
                assert "unsafe" not in policy
                assert "trusted-types 'none'" in policy
                assert page.encode() == (BUNDLE / "index.html").read_bytes()
        for name in re.findall(r'"/page/([^"]+)"', page):
            async with session.get(f"{server.url}/page/{name}") as answer:
                assert await answer.read() == (BUNDLE / name).read_bytes()
                assert "immutable" in answer.headers["Cache-Control"]
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Content-Encoding"] == "gzip"
                assert answer.content_type == TYPES[Path(name).suffix]
        for path in ("/i", "/c", f"/page/{name}"):
            async with session.get(server.url + path) as whole, session.head(server.url + path) as head:
                assert await head.read() == b""
                assert {k: v for k, v in head.headers.items() if k != "Date"} == {
                    k: v for k, v in whole.headers.items() if k != "Date"
                }
            for method in ("POST", "PUT", "DELETE", "PATCH"):
                async with session.request(method, server.url + path, data=b"x") as answer:
                    assert answer.status == 405, method
                    assert answer.headers["Cache-Control"] == "no-store"
        for wrong in ("index.html", SUMS, "../pages.py", "%2e%2e%2fpages.py", "nothing.js"):
            async with session.get(f"{server.url}/page/{wrong}") as answer:
                assert answer.status == 404, wrong


async def test_types_are_our_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a system says that a script is plain text, browsers would not run it."""
    monkeypatch.setattr("mimetypes.guess_type", lambda *_: ("text/plain", None))
    async with running(tmp_path) as (server, session), session.get(server.url + "/i") as page:
        for name in re.findall(r'"/page/([^"]+)"', await page.text()):
            async with session.get(f"{server.url}/page/{name}") as answer:
                assert answer.content_type == TYPES[Path(name).suffix]


async def test_a_page_in_the_open_speaks_to_relays_by_tls_alone(tmp_path: Path) -> None:
    async with running(tmp_path) as (server, session):
        for host, clear in (("relay.example", False), ("127.0.0.1:8440", True), ("cabinet.local", True)):
            headers = {aiohttp.hdrs.HOST: host}
            async with session.get(server.url + "/i", headers=headers) as answer:
                assert (" ws:" in answer.headers["Content-Security-Policy"]) is clear, host
