"""One end in a process of its own, which kills itself at a chosen step: `crash_worker HOME LINK SHOWN KILL_AT`.

It follows LINK, sends three texts and a document (by keys, so that trying again sends nothing twice), and writes what it is
shown, line by line and synced, into SHOWN. Exit 0: everything of its own was delivered, and the three texts of the other end
were shown. KILL_AT 0 never kills.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

from colloque.client.client import Client
from colloque.store.client import vault
from colloque.wire.codec import WireError


class Fault:
    """Counts the steps between writes, and stops the program at one of them: at once, as a power cut would."""

    def __init__(self, kill_at: int) -> None:
        self._left = kill_at

    def __call__(self, _name: str) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


async def main(home: Path, link: str, shown: Path, kill_at: int) -> None:
    vault._MEMORY_KIB, vault._ITERATIONS = 64, 1
    out = os.open(shown, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    async with Client.open(home, passphrase="x", step=Fault(kill_at)) as client:
        contacts = client.contacts()
        try:
            conversation = contacts[0].conversation if contacts else await client.accept(link)
        except WireError as problem:
            raise SystemExit(f"the link does not work: {problem}") from None
        for n in range(3):
            await client.send(conversation, text=f"bruno {n}", key=f"text {n}")
        document = home.parent / "document.bin"
        await client.send(conversation, files=[document], key="document")
        end = time.monotonic() + 40
        while time.monotonic() < end:
            async for entry in client.receive(0.3):
                if entry.kind == "text":
                    again = " again" if entry.again else ""
                    os.write(out, f"{entry.text}{again}\n".encode())
                    os.fsync(out)
            mine = [e for e in client.home.messages.history(conversation) if e.author is None]
            texts = shown.read_text().splitlines()
            if len(texts) >= 3 and len(mine) == 4 and all(e.state in ("delivered", "read") for e in mine):
                await client.settle(10)
                return
        raise SystemExit("it did not end in time")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])))
