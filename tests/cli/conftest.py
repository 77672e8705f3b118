"""A relay process, and the command line beside it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shell import Shell


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    data = str(tmp_path / "relay")
    command = [sys.executable, "-m", "colloque.cli", "relay", "--data", data]
    process = subprocess.Popen([*command, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield Shell(tmp_path, process.stdout.readline().split()[-1])
    process.terminate()
    assert process.wait(20) == 0
    process.stdout.close()
