"""`colloque relay token`: beside a relay that runs, or without one (`spec/relay.md` R20)."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from colloque.cli.relay_commands import relay
from tests.support.planted import scan_folder


def test_a_token_is_shown_once_and_revoked_by_either_name(tmp_path: Path) -> None:
    data = ["--data", str(tmp_path)]
    run = CliRunner()
    tokens = [run.invoke(relay, [*data, "token", "new", "--queues", "3"]).output.strip() for _ in range(2)]
    shorts = [row.split()[0] for row in run.invoke(relay, [*data, "token", "list"]).output.splitlines()]
    assert len(set(tokens)) == len(set(shorts)) == 2
    assert sum(scan_folder(tmp_path, [token.encode() for token in tokens]).values()) == 0
    assert run.invoke(relay, [*data, "token", "revoke", tokens[0]]).exit_code == 0
    (left,) = [row.split()[0] for row in run.invoke(relay, [*data, "token", "list"]).output.splitlines()]
    assert left in shorts
    assert run.invoke(relay, [*data, "token", "revoke", left]).output == f"revoked {left}\n"
    assert run.invoke(relay, [*data, "token", "revoke", left]).exit_code == 1
