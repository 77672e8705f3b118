"""Nothing records (`spec/calls.md` C16): no code in the page or in the programs, no endpoint, and no permission for it exists."""

from __future__ import annotations

import re
from pathlib import Path

import aiohttp

from colloque.relay.pages import BUNDLE
from colloque.relay.server import RelayServer
from tests.meta.tree import PACKAGE, ROOT
from tests.support.absent import skip_or_fail

RECORDING = re.compile(
    r"MediaRecorder|captureStream|MediaStreamTrackProcessor|createScriptProcessor|AudioWorklet|MediaStreamAudioDestination"
    r"|createEncodedStreams|RTCRtpScriptTransform|ImageCapture|grabFrame|showSaveFilePicker|createWritable|VideoEncoder"
    r"|AudioEncoder|WebTransport|drawImage|VideoFrame|getUserMediaRecorder|egress|recording"
)


def _sources() -> list[Path]:
    return [*(ROOT / "web" / "src").rglob("*.ts*"), *PACKAGE.rglob("*.py")]


def test_the_rule_sees() -> None:
    for words in ("new MediaRecorder(stream)", "canvas.drawImage(video, 0, 0)", "video.captureStream()"):
        assert RECORDING.search(words)


def test_no_source_can_record() -> None:
    sources = _sources()
    assert len(sources) > 200
    assert not {p.name: m[0] for p in sources if (m := RECORDING.search(p.read_text("utf-8")))}


def test_nothing_of_it_is_in_the_bundle() -> None:
    if not (BUNDLE / "index.html").exists():
        skip_or_fail("the patient's page is not built: `make web` (it wants npm)")
    scripts = list(BUNDLE.glob("*.js"))
    assert scripts
    for script in scripts:
        text = script.read_text("utf-8")
        assert "RTCPeerConnection" in text, "this is the page that calls"
        assert not RECORDING.search(text)


async def test_no_endpoint_takes_media_and_no_permission_is_left_open(tmp_path: Path) -> None:
    """What the relay serves is listed here: whoever adds an endpoint reads this."""
    async with RelayServer(tmp_path) as relay:
        application = relay._application()
        paths = {(r.method, r.resource.canonical) for r in application.router.routes() if r.resource}
        async with aiohttp.ClientSession() as session:
            for path, may in (("/", "()"), ("/i", "(self)")):
                async with session.get(relay.url + path) as page:
                    allowed = page.headers["Permissions-Policy"]
                assert f"camera={may}, microphone={may}, display-capture={may}" in allowed
    assert paths == {
        ("GET", "/"),
        ("GET", "/i"),
        ("GET", "/c"),
        ("GET", "/page/{name}"),
        ("GET", "/v1/live"),
        ("GET", "/v1/relay"),
        ("GET", "/v1/turn"),
        ("POST", "/v1/send"),
        ("PUT", "/v1/cards"),
        ("GET", "/v1/cards"),
        ("DELETE", "/v1/cards"),
        ("PUT", "/v1/chunks"),
        ("GET", "/v1/chunks"),
        ("HEAD", "/v1/chunks"),
        ("DELETE", "/v1/chunks"),
        ("OPTIONS", "/v1/{any}"),
    } | {("HEAD", path) for path in ("/", "/i", "/c", "/page/{name}", "/v1/live", "/v1/relay", "/v1/cards")}


def test_coturn_writes_nothing_down() -> None:
    text = (ROOT / "deploy" / "turnserver.conf").read_text("utf-8")
    settings = {line.split("=")[0] for line in text.splitlines() if line and not line.startswith("#")}
    assert {"no-stdout-log", "log-file", "use-auth-secret", "denied-peer-ip"} <= settings
    assert "log-file=/dev/null" in text
    assert not settings & {
        "verbose",
        "Verbose",
        "syslog",
        "redis-userdb",
        "psql-userdb",
        "mysql-userdb",
        "allow-loopback-peers",
    }
