"""`make demo`: two practitioners, one relay, a text and a PDF across it; then what the relay holds of all this: nothing.

On a terminal, or with `--fake-media`, a practice and its patient are opened afterwards, to try (`demo_both.py`)."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from colloque.cli import demo_both
from colloque.cli.sample_pdf import sample_pdf

WORDS = (
    "Bonjour Bruno, voici le compte rendu de Mme Hoarau.",
    "Merci Anne, bien recu. Je la revois jeudi.",
)
NAMES = ("Dr Anne Payet", "Dr Bruno Grondin", "compte-rendu-hoarau.pdf")
PDF_BYTES = 3_000_000


class Demo:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = os.environ | {"COLLOQUE_PASSPHRASE": "a passphrase for the demo"}

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "colloque.cli", *arguments]

    def run(self, who: str, *arguments: str) -> list[dict[str, Any]]:
        """Runs one command as somebody, shows it, and gives its JSON lines."""
        shown = " ".join(
            a if len(a) < 60 and " " not in a else f"'{a[:56]}…'" if len(a) > 60 else f"'{a}'"
            for a in arguments
        )
        print(f"\n  {who}$ colloque {shown}")
        command = self.command("--home", str(self.folder / who), "--json", *arguments)
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120)
        if done.returncode:
            raise SystemExit(f"this should not happen (exit {done.returncode}): {done.stdout}{done.stderr}")
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        for line in lines:
            print(f"      {_facts(line)}")
        return lines


def _facts(line: dict[str, Any]) -> str:
    """What a line says that somebody who looks on wants to know; a message that came has no state worth telling."""
    kept = ["home", "link", "from", "text", "path", "short", "safety_number"]
    if "from" not in line:
        kept.append("state")
    return "  ".join(f"{name}: {str(line[name])[:80]}" for name in kept if line.get(name))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument(
        "--fake-media",
        action="store_true",
        help="two windows of Chromium with a made-up camera and microphone",
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="only print the addresses of desk and patient"
    )
    given = parser.parse_args(arguments)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="colloque-demo-") as name:
        _demo(Demo(Path(name)))
    print(f"\n  Done in {time.monotonic() - started:.0f} s. Everything was made up, and is deleted.\n")
    if given.fake_media or (sys.stdin.isatty() and sys.stdout.isatty()):
        demo_both.run(given.fake_media, not given.no_browser)


def _demo(demo: Demo) -> None:
    data = demo.folder / "relay"
    print("\n1. A relay starts. It may be anybody's: it will not be able to read anything.")
    log = (demo.folder / "relay.log").open("w+")
    relay = subprocess.Popen(
        demo.command("relay", "--data", str(data), "--listen", "127.0.0.1:0", "--creation", "open"),
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        env=demo.environment,
    )
    try:
        assert relay.stdout is not None
        ready = relay.stdout.readline().strip()
        print(f"      {ready}")
        url = ready.rpartition(" ")[2]
        _talk(demo, url)
        _look(demo, relay.pid, data, Path(log.name))
    finally:
        relay.terminate()
        relay.wait(20)
        log.close()


def _talk(demo: Demo, url: str) -> None:
    print("\n2. Two practitioners, each with a home of their own.")
    demo.run(
        "anne", "init", "--relay", url, "--name", NAMES[0], "--profession", "médecin", "--rpps", "99900000011"
    )
    demo.run("bruno", "init", "--relay", url, "--name", NAMES[1], "--profession", "cardiologue")
    print("\n3. Anne gives Bruno a personal link; he follows it; her program answers.")
    link = demo.run("anne", "invite", "--for", "Bruno")[0]["link"]
    demo.run("bruno", "accept", link)
    demo.run("anne", "receive")
    demo.run("bruno", "receive")
    print("\n4. A text and a PDF of 3 MB, from her to him; and his answer.")
    pdf = demo.folder / NAMES[2]
    pdf.write_bytes(sample_pdf(PDF_BYTES, WORDS[0]))
    demo.run("anne", "send", "bruno", "--text", WORDS[0], "--file", str(pdf))
    received = demo.run("bruno", "receive", "--out", str(demo.folder / "inbox"))
    saved = next(Path(line["path"]) for line in received if line.get("path"))
    same = saved.read_bytes() == pdf.read_bytes()
    print(f"      the PDF arrived whole: {same}")
    if not same:
        raise SystemExit("the PDF is not the one that was sent")
    demo.run("bruno", "send", "anne", "--text", WORDS[1])
    demo.run("anne", "receive")
    print("\n5. The safety number, to compare by telephone. It is the same at both ends:")
    demo.run("anne", "contacts")
    demo.run("bruno", "contacts")


def _look(demo: Demo, pid: int, data: Path, log: Path) -> None:
    from colloque.cli.planted import find_in_files, find_in_memory

    print("\n6. What the relay holds of it, five seconds later.")
    time.sleep(5)
    pdf = (demo.folder / NAMES[2]).read_bytes()
    planted = [*WORDS, *NAMES]
    words = {word: word.encode() for word in planted} | {"(a piece of the PDF)": pdf[1_000_000:1_000_032]}
    files = find_in_files([data, log], words)
    memory = find_in_memory(pid, words)
    size = sum(f.stat().st_size for f in data.rglob("*") if f.is_file())
    print(
        f"      its files, {size} bytes, and its log were searched"
        + ("" if memory is None else ", and its memory")
    )
    for word in words:
        in_memory = "not searched on this system" if memory is None else f"{memory[word]} times"
        print(f"      {word[:52]:<54} in its files {files[word]} times, in its memory {in_memory}")
    if any(files.values()) or (memory is not None and any(memory.values())):
        raise SystemExit("the relay holds something readable: this must not be")
    print("      Nothing.")


if __name__ == "__main__":
    main()
