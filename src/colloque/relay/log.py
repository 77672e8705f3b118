"""Logs that hold counts and kinds only: never an address, a capability, a path or a message's words (`spec/relay.md` R26)."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final

LOGGER: Final = logging.getLogger("colloque.relay")


class KindsOnly(logging.Filter):
    """Leaves of a record its level and the kind of its error: what libraries write names addresses and requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else "no error given"
        record.msg, record.args = f"inside the relay: {kind}", None
        record.exc_info = record.exc_text = record.stack_info = None
        return True


def inner_logger() -> logging.Logger:
    """For the libraries underneath."""
    logger = logging.getLogger("colloque.relay.inside")
    if not logger.filters:
        logger.addFilter(KindsOnly())
    return logger


def be_quiet() -> None:
    """What the program itself logs: warnings on the standard error, kinds only, whoever writes them."""
    handler = logging.StreamHandler()
    handler.addFilter(KindsOnly())
    logging.basicConfig(
        level=logging.WARNING, handlers=[handler], format="%(levelname)s %(message)s", force=True
    )


def on_loop_error(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """In place of asyncio's own words, which quote callbacks and transports."""
    error = context.get("exception")
    inner_logger().error("", exc_info=(type(error), None, None) if error is not None else None)  # type: ignore[arg-type]
