"""One Node process for all of these tests. Where it cannot run they skip and say so; under CI they fail."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from .node_member import TS_MLS, Node, why_absent
from .room import Cast


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    reason = why_absent()
    if reason is not None:
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    process = Node()
    assert process.version == TS_MLS
    yield process
    process.close()


@pytest.fixture
def cast(node: Node) -> Cast:
    """Suite 83, the default of conversations."""
    return Cast(node, 83)
