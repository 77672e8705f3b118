"""When somebody, or the system, asks a program that goes on to end."""

from __future__ import annotations

import asyncio
import signal


def stopping() -> asyncio.Event:
    """Set by Ctrl-C and SIGTERM; on Windows Ctrl-C comes as an exception instead."""
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stopped.set)
        except NotImplementedError:
            break
    return stopped
