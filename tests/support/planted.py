"""Looks for planted bytes where none may be: in the memory of a process, and in every file of a folder.

Both read in pieces that overlap, so that a word across a border is found too.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

_PIECE = 4 << 20


def _count(pieces: Iterable[bytes], words: Iterable[bytes]) -> dict[bytes, int]:
    """How often each word stands in the pieces, which follow each other."""
    found = dict.fromkeys(words, 0)
    longest = max(map(len, found), default=0)
    tail = b""
    for piece in pieces:
        data = tail + piece
        for word in found:
            # What lies wholly in the tail was counted with the piece before.
            start = max(0, len(tail) - len(word) + 1)
            found[word] += data.count(word, start)
        tail = data[-(longest - 1) :] if longest > 1 else b""
    return found


def scan_process(pid: int, words: Iterable[bytes]) -> dict[bytes, int]:
    """How often each word stands in the memory of a running process (Linux; own processes, or as root)."""
    wanted = list(dict.fromkeys(words))
    total = dict.fromkeys(wanted, 0)
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            place = re.match(r"([0-9a-f]+)-([0-9a-f]+) (r...)", line)
            if place is None or line.rstrip().endswith(("[vvar]", "[vsyscall]", "[vvar_vclock]")):
                continue
            start, end = int(place[1], 16), int(place[2], 16)
            for word, count in _count(_region(memory.fileno(), start, end), wanted).items():
                total[word] += count
    return total


def _region(memory: int, start: int, end: int) -> Iterator[bytes]:
    while start < end:
        try:
            piece = os.pread(memory, min(_PIECE, end - start), start)
        except OSError:
            return
        if not piece:
            return
        yield piece
        start += len(piece)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


def scan_folder(path: Path, words: Iterable[bytes]) -> dict[bytes, int]:
    """How often each word stands in the files below `path`, their names included."""
    wanted = list(dict.fromkeys(words))
    total = dict.fromkeys(wanted, 0)
    for base, folders, files in os.walk(path):
        for name in (*folders, *files):
            for word in wanted:
                total[word] += os.fsencode(name).count(word)
        for name in files:
            # A file that goes away while it is looked for holds nothing any more.
            with contextlib.suppress(FileNotFoundError), open(os.path.join(base, name), "rb") as file:
                for word, count in _count(_pieces(file), wanted).items():
                    total[word] += count
    return total


def every_piece_left(path: Path, wanted: Iterable[bytes], size: int = 16) -> int:
    """How many of the byte strings have at least one aligned piece of `size` bytes anywhere in the files below `path`.

    For many random envelopes: their pieces are looked up, at every byte of the files.
    """
    pieces: dict[bytes, int] = {}
    for number, value in enumerate(wanted):
        for at in range(0, len(value) - size + 1, size):
            pieces[value[at : at + size]] = number
    left: set[int] = set()
    for base, _, files in os.walk(path):
        for name in files:
            with contextlib.suppress(FileNotFoundError), open(os.path.join(base, name), "rb") as file:
                data = file.read()
                for at in range(len(data) - size + 1):
                    found = pieces.get(data[at : at + size])
                    if found is not None:
                        left.add(found)
    return len(left)
