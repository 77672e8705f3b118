"""The command line, as a lab's software and a doctor use it: real processes, real exit codes."""

from __future__ import annotations

import os
from pathlib import Path

from tests.cli.shell import Shell


def test_a_doctor_and_a_lab(shell: Shell, tmp_path: Path) -> None:
    token = shell.raw("relay", "--data", str(tmp_path / "relay"), "token", "new").stdout.split()[-1]
    shell(
        "anne",
        "init",
        "--relay",
        shell.url,
        "--name",
        "Dr Anne Payet",
        "--rpps",
        "99900000011",
        "--token",
        token,
    )
    shell("labo", "init", "--relay", shell.url, "--name", "Laboratoire du Port", "--token", token)
    (invited,) = shell("anne", "invite", "--for", "Labo", "--expires", "2d")
    (accepted,) = shell("labo", "accept", invited["link"])
    assert accepted["short"] == "anne-payet"
    (kept,) = shell("labo", "send", "anne-payet", "--text", "early", "--key", "0", "--timeout", "0.5", code=3)
    assert kept["state"] == "waiting"
    shell("anne", "receive")
    result = tmp_path / "résultat.pdf"
    result.write_bytes(os.urandom(100_000))
    sent = shell("labo", "send", "Dr Anne Payet", "--text", "résultat", "--file", str(result), "--key", "42")
    assert [line["state"] for line in sent] == ["accepted", "accepted"]
    again = shell("labo", "send", "anne-payet", "--text", "résultat", "--file", str(result), "--key", "42")
    assert [line["id"] for line in again] == [line["id"] for line in sent]
    got = shell("anne", "receive", "--out", str(tmp_path / "in"))
    assert [(line["kind"], line.get("text")) for line in got[:2]] == [("text", "early"), ("text", "résultat")]
    assert Path(got[2]["path"]).read_bytes() == result.read_bytes()
    assert got[2]["from"] == "Labo"
    assert shell("anne", "receive", "--wait", "0.5") == []
    shell("labo", "receive", "--wait", "1")
    (state,) = shell("labo", "status", sent[0]["id"])
    assert state["state"] in ("delivered", "read")
    (contact,) = shell("anne", "contacts")
    assert (contact["short"], contact["name"], contact["verified"], contact["state"]) == (
        "labo",
        "Labo",
        False,
        "open",
    )
    (theirs,) = shell("labo", "contacts")
    assert contact["safety_number"] == theirs["safety_number"]
    (verified,) = shell("anne", "verify", "labo", "--yes")
    assert verified["verified"] is True
    (retracted,) = shell("labo", "retract", sent[0]["id"])
    assert retracted["state"] == "retracted"
    shell("anne", "receive")
    history = [line for line in shell("anne", "history", "labo") if line["kind"] == "text"]
    assert [line["state"] for line in history] == ["here", "retracted"]


def test_what_goes_wrong_has_a_code_and_a_sentence(shell: Shell, tmp_path: Path) -> None:
    home = str(tmp_path / "x")
    assert shell.raw("--home", home, "contacts").returncode == 5
    bad = shell.raw("--home", home, "init", "--relay", shell.url, "--name", "X", "--rpps", "99900000012")
    assert bad.returncode == 4
    assert "RPPS" in bad.stderr
    shell("x", "init", "--relay", shell.url, "--name", "X")
    assert shell.raw("--home", home, "contacts", COLLOQUE_PASSPHRASE="wrong").returncode == 5
    assert shell.raw("--home", home, "contacts", COLLOQUE_PASSPHRASE="-").returncode == 5
    (refused,) = shell("x", "invite", code=4)
    assert "token" in refused["error"]
    (unknown,) = shell("x", "send", "nobody", "--text", "x", code=6)
    assert "nobody" in unknown["error"]
    shell("x", "accept", "https://relay.example/i#AAAA", code=4)
    assert shell.raw("--home", home, "send", "x").returncode == 2
    offline = shell.raw("--home", str(tmp_path / "y"), "init", "--relay", "http://127.0.0.1:9", "--name", "Y")
    assert offline.returncode == 3
    french = shell.raw("--home", home, "contacts", LC_ALL="fr_FR.UTF-8")
    assert "Personne encore" in french.stderr
