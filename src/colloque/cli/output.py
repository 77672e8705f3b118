"""How the command line speaks: lines for people, or one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from colloque.cli import streams
from colloque.cli.exits import Exit
from colloque.cli.visible import lines
from colloque.cli.words import say, tell
from colloque.client.relay.errors import GrantRefused, Refused, RelayError, UnsafeRelay
from colloque.store.client.database import DatabaseError
from colloque.store.client.founding import Taken
from colloque.store.client.people import NotFound
from colloque.store.client.vault import Locked
from colloque.wire.codec import WireError


class Output:
    def __init__(self, as_json: bool) -> None:
        self.json = as_json

    def line(self, data: dict[str, Any], text: str) -> None:
        """One fact: `data` for programs, exactly and in ASCII; `text` for people, made safe to show."""
        streams.write((json.dumps(data) if self.json else lines(text)) + "\n")

    def hint(self, text: str) -> None:
        """For people only."""
        if not self.json:
            streams.aside(lines(text) + "\n")

    def problem(self, code: Exit, text: str) -> None:
        if self.json:
            streams.write(json.dumps({"error": text, "code": int(code)}) + "\n")
        else:
            streams.aside(lines(text) + "\n")
        raise SystemExit(int(code))


@contextmanager
def problems(out: Output) -> Iterator[None]:
    """Turns what can go wrong into a sentence and an exit code."""
    try:
        yield
    except Taken as error:
        out.problem(Exit.REFUSED, tell(error))
    except Locked as error:
        out.problem(Exit.LOCKED, tell(error))
    except NotFound as error:
        out.problem(Exit.UNKNOWN, tell(error))
    except (WireError, UnsafeRelay, GrantRefused) as error:
        out.problem(Exit.REFUSED, tell(error))
    except Refused as error:
        if not error.retry_after:
            out.problem(Exit.REFUSED, tell(error))
        out.problem(Exit.AGAIN, _again(error))
    except RelayError as error:
        out.problem(Exit.AGAIN, _again(error))
    except FileNotFoundError as error:
        out.problem(Exit.REFUSED, say("There is no such file or folder: {path}", path=error.filename))
    except OSError as error:
        where = "" if error.filename is None else f" ({error.filename})"
        out.problem(Exit.ERROR, f"{error.strerror or error}{where}")
    except DatabaseError as error:
        out.problem(Exit.ERROR, say("The home's database cannot be read or written: {why}", why=error))


def _again(error: RelayError) -> str:
    return f"{tell(error)}. {say('Nothing was kept: run the command again.')}"


def iso(milliseconds: int) -> str:
    """A time for programs: ISO 8601, UTC."""
    return (
        datetime.fromtimestamp(milliseconds / 1000, UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )


def local(milliseconds: int) -> str:
    """A time for people, in their zone."""
    return datetime.fromtimestamp(milliseconds / 1000).astimezone().strftime("%Y-%m-%d %H:%M")


def size(count: int) -> str:
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count //= 1000
    return f"{count} GB"
