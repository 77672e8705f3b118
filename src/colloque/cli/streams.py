"""Standard streams as they are found: closed, full, read by nobody, or unable to encode what is to be shown."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TextIO


class OutputGone(Exception):
    """What was to be shown could not be written to standard output. `unread`: its reader has gone, as `head` does."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror or str(error))
        self.unread = isinstance(error, BrokenPipeError)


def prepare() -> None:
    """A character that a stream cannot encode is shown by its number, instead of ending the command; a stream that was closed
    leads nowhere, so that no file opened later takes its place."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdin = sys.stdin or os.fdopen(os.open(os.devnull, os.O_RDONLY), encoding="utf-8")
    sys.stdout = sys.stdout or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    sys.stderr = sys.stderr or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def write(text: str) -> None:
    """To standard output, at once; raises `OutputGone`."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        raise OutputGone(error) from None


def aside(text: str) -> None:
    """To standard error. Where that fails, nobody can be told."""
    with contextlib.suppress(OSError):
        sys.stderr.write(text)
        sys.stderr.flush()


def abandon(stream: TextIO) -> None:
    """What is still held for a stream that cannot be written is let go, so that the end does not fail on it again."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        stream.flush()
