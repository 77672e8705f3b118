"""How the command line speaks: lines for people, or one JSON object a line; and what its exit codes mean."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

import click

from colloque.client.relay.errors import GrantRefused, Refused, RelayError, UnsafeRelay
from colloque.store.client.people import NotFound
from colloque.store.client.vault import Locked
from colloque.wire.codec import WireError


class Exit(IntEnum):
    """0 the asked state is reached; 1 an unexpected error; 2 the command was wrongly written; 3 kept, and still trying;
    4 refused; 5 locked; 6 nobody, or more than one, has that name."""

    DONE = 0
    ERROR = 1
    USAGE = 2
    KEPT = 3
    REFUSED = 4
    LOCKED = 5
    UNKNOWN = 6


class Output:
    def __init__(self, as_json: bool) -> None:
        self.json = as_json

    def line(self, data: dict[str, Any], text: str) -> None:
        """One fact: `data` for programs, `text` for people."""
        line = json.dumps(data, ensure_ascii=False) if self.json else text
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    def hint(self, text: str) -> None:
        """For people only."""
        if not self.json:
            click.echo(text, err=True)

    def problem(self, code: Exit, text: str) -> None:
        if self.json:
            sys.stdout.write(json.dumps({"error": text, "code": int(code)}, ensure_ascii=False) + "\n")
            sys.stdout.flush()
        else:
            click.echo(text, err=True)
        raise SystemExit(int(code))


@contextmanager
def problems(out: Output) -> Iterator[None]:
    """Turns what can go wrong into a sentence and an exit code."""
    try:
        yield
    except Locked as error:
        out.problem(Exit.LOCKED, str(error))
    except NotFound as error:
        out.problem(Exit.UNKNOWN, str(error))
    except (WireError, UnsafeRelay, GrantRefused) as error:
        out.problem(Exit.REFUSED, str(error))
    except Refused as error:
        out.problem(Exit.KEPT if error.retry_after else Exit.REFUSED, str(error))
    except RelayError as error:
        out.problem(Exit.KEPT, str(error))
    except FileNotFoundError as error:
        out.problem(Exit.REFUSED, f"there is no such file: {error.filename}")
    except OSError as error:
        out.problem(Exit.ERROR, f"{error.strerror or error}")


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
