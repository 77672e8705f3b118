"""What is refused, in the words of whoever can mend it; and nothing that comes later waits behind it."""

from __future__ import annotations

from pathlib import Path

from colloque.store.client.home import Home
from colloque.store.client.spool import chunk_path
from tests.cli.shell import Shell

FRENCH = {"LC_ALL": "fr_FR.UTF-8"}


def test_a_link_that_suffered_on_its_way(shell: Shell) -> None:
    token = shell.raw("relay", "--data", str(shell.folder / "relay"), "token", "new").stdout.strip()
    for who in ("anne", "bruno"):
        shell(who, "init", "--relay", shell.url, "--name", who.title(), "--token", token)
    (invited,) = shell("anne", "invite", "--for", "Bruno")
    link = invited["link"]
    for wrong in (link[:-20], link[:-1], link + "A", link.replace("/i#", "/c#"), link[:40], link[4:]):
        (refused,) = shell("bruno", "accept", wrong, code=4)
        assert "damaged or incomplete" in refused["error"] or "copy all of it" in refused["error"], wrong
    (refused,) = shell("bruno", "accept", link.partition("#")[0], code=4)
    assert "copy all of it" in refused["error"]
    home = str(shell.folder / "bruno")
    assert "abîmé ou incomplet" in shell.raw("--home", home, "accept", link[:-9], **FRENCH).stderr
    shell("bruno", "accept", link.replace("#", "%23"))


def test_a_text_that_is_too_long_is_not_kept(shell: Shell) -> None:
    shell.pair("anne", "bruno")
    shell.typed = "é" * 500_000
    (refused,) = shell("anne", "send", "bruno", "--text", "-", code=2)
    assert "send it as a file" in refused["error"]
    assert [line for line in shell("anne", "history", "bruno") if line["kind"] == "text"] == []
    shell.typed = "é" * 131_072
    (sent,) = shell("anne", "send", "bruno", "--text", "-")
    assert sent["state"] == "accepted"


def test_files_that_cannot_be_saved(shell: Shell, tmp_path: Path) -> None:
    """Where there is no room for it, it is shown again; where it is not whole, nothing waits behind it."""
    shell.pair("anne", "bruno")
    for name in ("one.txt", "two.txt"):
        (tmp_path / name).write_text(name)
    shell("anne", "send", "bruno", "--file", str(tmp_path / "one.txt"))
    (tmp_path / "file").touch()
    (*_, failed) = shell("bruno", "receive", "--out", str(tmp_path / "file" / "in"), code=1)
    assert str(tmp_path / "file" / "in") in failed["error"]
    (again,) = shell("bruno", "receive", "--out", str(tmp_path / "in"))
    assert (again["again"], Path(again["path"]).read_text()) == (True, "one.txt")

    shell("anne", "send", "bruno", "--file", str(tmp_path / "two.txt"), "--text", "ensuite")
    home = Home.open(tmp_path / "bruno", "x", random=lambda n: bytes(n), clock=lambda: 0)
    shell("bruno", "receive", "--wait", "5", "--out", str(tmp_path / "file" / "in"), code=1)
    for folder in home.spool.folders():
        chunk_path(folder, 0).unlink(missing_ok=True)
    home.close()
    lines = shell("bruno", "receive", "--out", str(tmp_path / "in"))
    assert "missing" in lines[0]["error"]
    assert shell("bruno", "receive", "--wait", "0") == []


def test_verified_already(shell: Shell) -> None:
    shell.pair("anne", "bruno")
    home = str(shell.folder / "anne")
    assert "Marked as verified" in shell.raw("--home", home, "verify", "bruno", "--yes").stdout
    assert "verified already" in shell.raw("--home", home, "verify", "bruno").stdout
    assert "déjà vérifié" in shell.raw("--home", home, "verify", "bruno", **FRENCH).stdout
    assert "personne ici ne s'appelle" in shell.raw("--home", home, "verify", "chloe", **FRENCH).stderr
    locked = shell.raw("--home", home, "contacts", COLLOQUE_PASSPHRASE="wrong", **FRENCH)
    assert (locked.returncode, "phrase secrète" in locked.stderr) == (5, True)


def test_a_part_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "aiohttp.py").write_text("raise ModuleNotFoundError('No module', name='aiohttp')\n")
    shell = Shell(tmp_path, "")
    done = shell.raw("contacts", PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "aiohttp" in done.stderr


def test_help_is_found_by_its_name_and_in_the_readers_language(tmp_path: Path) -> None:
    shell = Shell(tmp_path, "")
    assert shell.raw("help").stdout == shell.raw("--help").stdout
    assert "7 the relay was not reached" in shell.raw("help").stdout
    assert shell.raw("help", "group", "add").stdout.startswith("Usage: colloque group add")
    assert shell.raw("help", "group", "nothing").returncode == 2
    assert shell.raw("--version").stdout.startswith("colloque, version ")
    french = shell.raw("send", "--help", **FRENCH).stdout
    assert "Envoie un texte" in french
    assert "La même clé n'envoie rien deux fois." in french
