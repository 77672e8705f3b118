"""`make bench`: everything that is measured, one after the other, into `bench/results.json`."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench import call, desk, desk_page, documents, ends, mls, mls_plot, page, relay_bench  # noqa: E402


def disk_sync_ms() -> float:
    """What one synced write of 4 KiB costs here and now: most figures below stand on it."""
    with tempfile.NamedTemporaryFile() as file:
        began = time.perf_counter()
        for _ in range(200):
            file.write(bytes(4_096))
            file.flush()
            os.fsync(file.fileno())
        return round((time.perf_counter() - began) / 200 * 1000, 2)


def main() -> int:
    out = Path(__file__).with_name("results.json")
    print("The relay alone, beside the bare program…", flush=True)
    results = {
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "disk_sync_ms": disk_sync_ms(),
    }
    found: dict[str, Any] = {
        "relay": relay_bench.run(Path("/dev/null") if sys.platform != "win32" else Path("nul"))
    }
    print("Both ends encrypting…", flush=True)
    found["ends"] = asyncio.run(ends.run())
    print("A document of 200 MB, beside magic-wormhole…", flush=True)
    found["document"] = asyncio.run(documents.run())
    print("The desk with 500 conversations and 10,000 messages…", flush=True)
    found["desk"] = asyncio.run(desk.run())
    found["desk's page"] = asyncio.run(desk_page.run())
    print("The patient's page, cold, in Chromium…", flush=True)
    found["page"] = asyncio.run(page.run())
    print("A consultation, in Chromium…", flush=True)
    found["call"] = asyncio.run(call.run())
    print("MLS, beside ts-mls…", flush=True)
    found["mls"] = mls.run()
    mls_plot.write(found["mls"], Path(__file__).with_name("mls.svg"))
    out.write_text(json.dumps(results | found, indent=1) + "\n")
    print(json.dumps(results | found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
