"""Received documents on the disk: beside what is there, under a safe name, whole or not at all (`spec/wire.md` W33)."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from colloque.client.saving import NAME_BYTES, free_path, safe_name, save_document
from colloque.store.client.home import Home
from colloque.store.client.messages import Entry
from colloque.store.client.spool import chunk_path
from colloque.wire.codec import WireError
from tests.protocol.session.ends import World
from tests.support.documents import sealed

RESERVED = ("CON", "prn.txt", "Aux.tar.gz", "nul", "COM1", "lpt9.pdf", "com¹", "CONIN$", "conout$.txt")


@pytest.mark.parametrize("name", RESERVED)
def test_names_that_mean_something_to_a_system_are_changed(name: str) -> None:
    assert safe_name(name).startswith("document_")


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(min_size=1, max_size=250)
    | st.sampled_from(("..", ".", "a.pdf", "a", ".pdf", "/etc/passwd", "a/../../b"))
)
def test_a_safe_name_stays_in_its_folder_and_can_be_written(tmp_path: Path, name: str) -> None:
    made = tmp_path / safe_name(name)
    assert made.parent == tmp_path
    assert made.resolve().parent == tmp_path.resolve()
    assert len(made.name.encode()) <= NAME_BYTES
    assert made.name.strip() == made.name
    assert not made.name.endswith(".")
    made.write_bytes(b"x")
    made.unlink()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(("a.pdf", "a", ".a", "a.tar.gz", "a (2).pdf", "é.pdf")), max_size=12))
def test_nothing_that_is_there_is_written_over(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder, made = Path(place), list[Path]()
        for n, name in enumerate(names):
            path = free_path(folder, name)
            assert path.parent == folder
            assert path.suffix == Path(name).suffix
            if n % 3:
                path.write_text(str(n))
            else:
                path.symlink_to(folder / "nowhere")
            made.append(path)
        assert len(set(made)) == len(names)
        assert all(path.is_symlink() or path.read_text() == str(n) for n, path in enumerate(made))


def received(world: World, tmp_path: Path, size: int) -> tuple[Home, Entry, bytes]:
    """A document that has arrived, as its sealed chunks."""
    anne, content = world.person("anne"), os.urandom(size)
    (tmp_path / "file").write_bytes(content)
    home, conversation, message = anne.home, bytes(16), bytes([1]) * 16
    document = sealed(home, conversation, message, tmp_path / "file", "../é.pdf")
    return home, Entry(1, message, conversation, b"k" * 32, "file", "here", 0, 0, document=document), content


def test_saved_whole_twice_under_two_names(tmp_path: Path) -> None:
    world = World(tmp_path / "world")
    home, entry, content = received(world, tmp_path, 200_000)
    out = tmp_path / "out"
    paths = [save_document(home, entry, out) for _ in range(2)]
    assert [p.name for p in paths] == ["_é.pdf", "_é (2).pdf"]
    assert [p.read_bytes() for p in paths] == [content, content]
    assert sorted(p.name for p in out.iterdir()) == sorted(p.name for p in paths)
    world.close()


@pytest.mark.parametrize("damage", ["missing", "changed", "short"])
def test_what_is_damaged_leaves_nothing(tmp_path: Path, damage: str) -> None:
    world = World(tmp_path / "world")
    home, entry, _ = received(world, tmp_path, 200_000)
    path = chunk_path(world.ends[0].home.spool.folder(entry.conversation, entry.id), 0)
    data = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(data[:-1] if damage == "short" else data[:9] + bytes([data[9] ^ 1]) + data[10:])
    with pytest.raises(WireError):
        save_document(home, entry, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
    world.close()
