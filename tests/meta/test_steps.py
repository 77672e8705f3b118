"""Every crash point of the source is one at which a test kills the program."""

from __future__ import annotations

import ast

from tests.meta.tree import PACKAGE, parsed
from tests.relay.test_crash import NAMES
from tests.scenarios.test_crash import MAKING, OFTEN, WRITES


def names_of_steps() -> set[str]:
    """The first arguments of `step("…")`, `self._step("…")`, `home.database_step("…")` and the like."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                called = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                if called.endswith("step") and isinstance(node.args[0].value, str):
                    found.add(node.args[0].value)
    return found


def test_the_program_is_killed_at_every_step_there_is() -> None:
    assert names_of_steps() == {*NAMES, *OFTEN, *WRITES, *MAKING} - {"noted"}
