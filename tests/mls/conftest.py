"""Whatever refuses in a test of this room is listened to: no error ever quotes bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from colloque.mls.errors import MlsError

_BYTES = re.compile(r"""b['"]|\\x[0-9a-f]{2}|[0-9a-fA-F]{16}|[^\x20-\x7e]""")


@pytest.fixture(scope="session")
def errors_raised() -> Iterator[list[str]]:
    """The words of every `MlsError` that was made, by their whole text."""
    said: list[str] = []
    plain = MlsError.__init__

    def listening(self: MlsError, detail: str = "", *, by: int | None = None) -> None:
        plain(self, detail, by=by)
        said.append(f"{self!s} {self!r}")

    MlsError.__init__ = listening  # type: ignore[method-assign]
    yield said
    MlsError.__init__ = plain  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def errors_quote_no_bytes(errors_raised: list[str]) -> Iterator[None]:
    """Letters, numbers of leaves and sections: no escaped bytes, nothing long in hex, nothing that is not ASCII."""
    start = len(errors_raised)
    yield
    assert not [words for words in errors_raised[start:] if _BYTES.search(words)]
