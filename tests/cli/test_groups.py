"""Conversations of several, and a door that is shut, from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.cli.shell import Shell


def notices(lines: list[dict[str, Any]]) -> list[str]:
    return [line["notice"] for line in lines if line["kind"] == "notice"]


def words(lines: list[dict[str, Any]]) -> list[str]:
    return [line["text"] for line in lines if line["kind"] == "text"]


def test_a_team_of_three(shell: Shell, tmp_path: Path) -> None:
    token = shell.raw("relay", "--data", str(tmp_path / "relay"), "token", "new").stdout.split()[-1]
    for who in ("anne", "bruno", "chloe"):
        shell(who, "init", "--relay", shell.url, "--name", f"Dr {who.title()}", "--token", token)
    for who in ("bruno", "chloe"):
        (invited,) = shell("anne", "invite", "--for", who.title())
        shell(who, "accept", invited["link"])
    assert notices(shell("anne", "receive", "--wait", "2")) == ["opened", "opened"]
    for who in ("bruno", "chloe"):
        assert notices(shell(who, "receive", "--wait", "2")) == ["opened"]

    (team,) = shell("anne", "group", "new", "Équipe", "bruno", "chloe")
    assert team["short"] == "equipe"
    for who in ("bruno", "chloe", "anne"):
        shell(who, "receive", "--wait", "2")
    for who in ("bruno", "chloe"):
        assert "opened" in notices(shell(who, "receive", "--wait", "2"))
    (listed,) = shell("bruno", "group", "list")
    assert listed["short"] == "equipe"

    (sent,) = shell("anne", "send", "equipe", "--text", "Bonjour à tous")
    assert sent["state"] == "accepted"
    for who in ("bruno", "chloe"):
        assert words(shell(who, "receive", "--wait", "2")) == ["Bonjour à tous"]

    shell("anne", "group", "remove", "equipe", "chloe")
    assert notices(shell("anne", "receive", "--wait", "1")) == ["gone"]
    assert "removed" in notices(shell("chloe", "receive", "--wait", "2"))
    shell("chloe", "send", "equipe", "--text", "Am I still here?", code=4)

    shell("bruno", "group", "leave", "equipe")
    assert "gone" in notices(shell("anne", "receive", "--wait", "2"))

    shell("anne", "block", "bruno")
    shell("anne", "receive", "--wait", "1")
    (refused,) = shell("bruno", "send", "anne", "--text", "And now?", code=4)
    assert refused["state"] == "failed"
    french = shell.raw("--home", str(tmp_path / "anne"), "contacts", LC_ALL="fr_FR.UTF-8")
    assert "selon ses dires, non vérifié" in french.stdout
