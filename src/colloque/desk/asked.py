"""Reading what the page asks: JSON within bounds, or one refusal."""

from __future__ import annotations

import json
from typing import Any, Final

from aiohttp import web

from colloque.wire.codec import WireError

JSON_BYTES: Final = 64 << 10
_NOT_ASKED_SO: Final = "the page asked for something that the desk does not know"


class Asked:
    """The object in a request's body. Every getter raises `WireError` where it is missing, of another kind, or too long."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self._fields = fields

    @classmethod
    async def of(cls, request: web.Request) -> Asked:
        if request.content_type != "application/json":
            raise WireError(_NOT_ASKED_SO)
        try:
            fields = json.loads(await request.read())
        except (ValueError, RecursionError):
            raise WireError(_NOT_ASKED_SO) from None
        if not isinstance(fields, dict):
            raise WireError(_NOT_ASKED_SO)
        return cls(fields)

    def has(self, name: str) -> bool:
        return name in self._fields

    def any(self, name: str) -> Any:
        """As it was given: within the bounds of the body alone."""
        return self._fields.get(name)

    def text(self, name: str, most: int = 200, default: str | None = None) -> str:
        value = self._fields.get(name, default)
        if not isinstance(value, str) or len(value.encode("utf-8", "replace")) > most:
            raise WireError(_NOT_ASKED_SO)
        return value

    def maybe(self, name: str, most: int = 200) -> str | None:
        return None if self._fields.get(name) is None else self.text(name, most)

    def flag(self, name: str) -> bool:
        value = self._fields.get(name)
        if not isinstance(value, bool):
            raise WireError(_NOT_ASKED_SO)
        return value

    def number(self, name: str, least: int, most: int) -> int:
        value = self._fields.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise WireError(_NOT_ASKED_SO)
        return value

    def mapping(self, name: str) -> dict[str, Any]:
        """An object, for whoever checks what is in it."""
        value = self._fields.get(name)
        if not isinstance(value, dict):
            raise WireError(_NOT_ASKED_SO)
        return value

    def maybe_mapping(self, name: str) -> dict[str, Any] | None:
        return None if self._fields.get(name) is None else self.mapping(name)

    def ids(self, name: str, most: int = 20) -> list[bytes]:
        values = self._fields.get(name)
        if not isinstance(values, list) or not 1 <= len(values) <= most:
            raise WireError(_NOT_ASKED_SO)
        return [hexadecimal(value) for value in values]


def hexadecimal(value: object) -> bytes:
    """An id or a key: 16 or 32 bytes."""
    try:
        found = bytes.fromhex(value) if isinstance(value, str) and len(value) in (32, 64) else b""
    except ValueError:
        found = b""
    if not found:
        raise WireError(_NOT_ASKED_SO)
    return found


def in_path(request: web.Request, name: str) -> bytes:
    return hexadecimal(request.match_info[name])


def query_number(request: web.Request, name: str, default: int, most: int) -> int:
    value = request.query.get(name, str(default))
    if not value.isascii() or not value.isdecimal() or len(value) > 6 or not 1 <= int(value) <= most:
        raise WireError(_NOT_ASKED_SO)
    return int(value)
