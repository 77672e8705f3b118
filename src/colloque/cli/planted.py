"""Looking for words where none may be: in files, and in a process's memory (Linux)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import FileIO
from pathlib import Path

_PIECE = 1 << 24


def find_in_files(places: Iterable[Path], words: Mapping[str, bytes]) -> dict[str, int]:
    """How often each word stands in the files under `places`, raw."""
    found = dict.fromkeys(words, 0)
    for place in places:
        for path in [place] if place.is_file() else sorted(place.rglob("*")):
            if path.is_file():
                data = path.read_bytes()
                for name, word in words.items():
                    found[name] += data.count(word)
    return found


def find_in_memory(pid: int, words: Mapping[str, bytes]) -> dict[str, int] | None:
    """How often each word stands in a process's writable memory; None where the system does not let us look."""
    maps = Path(f"/proc/{pid}/maps")
    if not maps.exists():
        return None
    found = dict.fromkeys(words, 0)
    longest = max(len(word) for word in words.values())
    try:
        with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
            for line in maps.read_text().splitlines():
                span, rights = line.split()[:2]
                if "w" not in rights or "r" not in rights:
                    continue
                start, end = (int(part, 16) for part in span.split("-"))
                _search(memory, start, end, longest, words, found)
    except PermissionError:
        return None
    return found


def _search(
    memory: FileIO, start: int, end: int, longest: int, words: Mapping[str, bytes], found: dict[str, int]
) -> None:
    at, tail = start, b""
    while at < end:
        try:
            memory.seek(at)
            piece = memory.read(min(_PIECE, end - at))
        except (OSError, ValueError):
            return
        if not piece:
            return
        data = tail + piece
        for name, word in words.items():
            found[name] += data.count(word, max(0, len(tail) - len(word) + 1))
        tail = data[-(longest - 1) :]
        at += len(piece)
