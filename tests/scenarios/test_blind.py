"""The relay is blind: planted words, during and after (`SECURITY.md`)."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from colloque.client.client import Client
from colloque.wire.profile import Profile
from tests.scenarios.tap import Tap
from tests.scenarios.world import PASSPHRASE, texts, until
from tests.support.planted import scan_folder, scan_process

WORD = "planted-word-cardiomyopathie"
NAME = "Planted-Name Grondin"
FILE = "planted-file-name.pdf"


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    log = (tmp_path / "relay.log").open("w")
    command = [sys.executable, "-m", "colloque.cli", "relay", "--data", str(tmp_path / "relay")]
    process = subprocess.Popen(
        [*command, "--listen", "127.0.0.1:0", "--creation", "open"],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    assert process.stdout is not None
    ready = process.stdout.readline()
    assert ready.startswith("relay ready at http://127.0.0.1:"), ready
    yield process, ready.split()[-1]
    process.terminate()
    assert process.wait(20) == 0
    process.stdout.close()
    log.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc/PID/mem, which only Linux has")
async def test_no_planted_word_in_files_memory_log_or_traffic(
    relay: tuple[subprocess.Popen[str], str], tmp_path: Path
) -> None:
    process, url = relay
    secret_file = os.urandom(64) * 3_000
    (tmp_path / FILE).write_bytes(secret_file)
    async with Tap(url) as tap:
        for name in ("anne", "bruno"):
            await Client.create(
                tmp_path / name, relay=tap.url, profile=Profile(f"{NAME} {name}"), passphrase=PASSPHRASE
            )
        async with (
            Client.open(tmp_path / "anne", passphrase=PASSPHRASE) as anne,
            Client.open(tmp_path / "bruno", passphrase=PASSPHRASE) as bruno,
        ):
            invited = await anne.invite("Bruno")
            conversation = await bruno.accept(invited.link, WORD)
            await until(bruno, lambda: bruno.contacts()[0].phase.value == "open")
            sent = await anne.send("Bruno", text=WORD, files=[tmp_path / FILE])
            await anne.wait_for(sent, "delivered", 30)
            assert len(await texts(bruno, 2)) == 2
            talk = anne.home.talks.load(conversation)
            assert talk is not None
            planted = [
                WORD.encode(),
                NAME.encode(),
                FILE.encode(),
                secret_file[:64],
                talk.group.group_id,
                anne.home.identity.key,
                bruno.home.identity.key,
                conversation,
            ]
            during = scan_process(process.pid, planted)
        time.sleep(5)
        after = scan_process(process.pid, planted)
        files = scan_folder(tmp_path / "relay", planted)
        log = (tmp_path / "relay.log").read_bytes()
        assert not any(during.values()), during
        assert not any(after.values()), after
        assert not any(files.values()), files
        assert not any(word in log for word in planted)
        # Real traffic went by: the tap sees it, and could see a word in it.
        assert len(tap.seen) > len(secret_file)
        assert not any(word in tap.seen for word in planted)
        assert set(tap.envelopes) == {16_384}
        assert len(tap.envelopes) >= 6
