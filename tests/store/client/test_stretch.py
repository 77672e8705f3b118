"""Passphrases are stretched one at a time: side by side they may wait for one another for ever."""

from __future__ import annotations

import subprocess
import sys

SIDE_BY_SIDE = """
from concurrent.futures import ThreadPoolExecutor
from colloque.store.client.stretch import stretch

with ThreadPoolExecutor(6) as pool:
    found = list(pool.map(lambda n: stretch(str(n % 3), bytes(16), 65_536, 3, 4), range(6)))
assert found[:3] == found[3:]
assert len(set(found)) == 3
"""


def test_six_threads_at_once() -> None:
    """In a process of its own: what hangs in there could not be ended here."""
    subprocess.run([sys.executable, "-c", SIDE_BY_SIDE], check=True, timeout=60)
