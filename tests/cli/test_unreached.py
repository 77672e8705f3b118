"""With the relay down: nothing is said to be done that no relay has taken, and what is kept is done once it answers."""

from __future__ import annotations

from pathlib import Path

from colloque.store.client.home import Home
from tests.cli.shell import Shell


def test_what_no_relay_took_is_not_done(shell: Shell) -> None:
    shell.pair("anne", "bruno", "chloe")
    shell("anne", "group", "new", "Équipe", "bruno")
    for who in ("bruno", "anne", "bruno"):
        shell(who, "receive", "--wait", "1")
    (invited,) = shell("anne", "invite", "--for", "Denis")
    shell.stop()
    for act in (
        ("group", "new", "Autre", "bruno"),
        ("group", "add", "equipe", "chloe"),
        ("group", "second-host", "equipe", "bruno"),
        ("group", "remove", "equipe", "bruno"),
        ("block", "chloe"),
    ):
        shell("anne", *act, code=3)
    shell("bruno", "group", "leave", "equipe", code=3)
    down = shell.raw("--home", str(shell.folder / "bruno"), "receive", "--wait", "0.2")
    assert (down.returncode, "not reached" in down.stderr, "Nothing new" in down.stderr) == (3, True, False)
    shell("denis", "init", "--relay", shell.url, "--name", "Denis", code=3)
    assert shell.raw("--home", str(shell.folder / "denis"), "receive").returncode == 3
    (nothing,) = shell("denis", "accept", invited["link"], code=7)
    assert "run the command again" in nothing["error"]
    late = shell.raw("--home", str(shell.folder / "anne"), "invite", "--for", "Denis")
    assert (late.returncode, "run the command again" in late.stderr) == (3, False)

    shell.start()
    shell("denis", "accept", invited["link"])
    shell("denis", "accept", late.stdout.strip().replace("#", "%23"), code=4)  # not published yet
    assert shell("anne", "block", "chloe", "--undo") == [{"short": "chloe", "blocked": False}]
    shell("bruno", "receive", "--wait", "1")


def test_late_mail_is_told_until_it_is_delivered(shell: Shell) -> None:
    """`spec/sessions.md` S27, whether or not an engine ran when the time was over."""
    shell.pair("anne", "bruno")
    (sent,) = shell("anne", "send", "bruno", "--text", "Bonjour")
    folder = Path(shell.folder / "anne")
    home = Home.open(folder, "x", random=lambda n: bytes(n), clock=lambda: 0)
    home.database.execute("UPDATE message SET sent_at = sent_at - 49 * 3600000 WHERE state = 'accepted'")
    home.close()

    def told(*arguments: str, code: int) -> str:
        done = shell.raw("--home", str(folder), *arguments)
        assert done.returncode == code, done
        return done.stdout + done.stderr

    assert "not delivered in time" in told("history", "bruno", code=0)
    assert "not delivered in time" in told("status", code=3)
    assert "not delivered in time" in told("receive", "--wait", "0", code=0)
    assert "not delivered in time" in told("send", "bruno", "--text", "Encore", code=0)
    assert shell("anne", "receive", "--wait", "0") == [{"kind": "overdue", "ids": [sent["id"]]}]
    assert [line.get("overdue") for line in shell("anne", "history", "bruno") if line["kind"] == "text"] == [
        True,
        None,
    ]
    shell("bruno", "receive", "--wait", "1")
    shell("anne", "receive", "--wait", "2")
    assert shell("anne", "status") == []
    assert "in time" not in told("receive", "--wait", "0", code=0) + told("history", "bruno", code=0)
