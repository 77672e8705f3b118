"""What a leaf must support to be in a group (RFC 9420 7.2, 7.3), and what is read of a message without any key (6)."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

import pytest

from colloque.mls.api import Capabilities, Extension, MlsError, peek, suite
from colloque.mls.errors import DecodeError, ExtensionUnsupported, LeafUnsupported, UnsupportedVersion
from colloque.mls.framing.message import MlsMessage
from colloque.mls.group.leaves import check_credentials, check_extensions, check_supports
from colloque.mls.messages.extension import REQUIRED_CAPABILITIES, RequiredCapabilities
from colloque.mls.messages.leaf_node import LeafNode
from tests.mls.people import NOW, founder, group_of, person

R = os.urandom
OURS = 0xF042
Change = Callable[[Capabilities], Capabilities]


def leaf(change: Change = lambda c: c) -> LeafNode:
    made = person(suite(1), "x").package.leaf
    return replace(made, capabilities=change(made.capabilities))


def asks(**wanted: tuple[int, ...]) -> tuple[Extension, ...]:
    return (Extension(REQUIRED_CAPABILITIES, RequiredCapabilities(**wanted).encode()),)


@pytest.mark.parametrize("kind", ["extensions", "proposals", "credentials"])
def test_what_the_group_requires_every_leaf_supports(kind: str) -> None:
    wanted = asks(**{kind: (OURS,)})
    able = leaf(lambda c: replace(c, **{kind: (*getattr(c, kind), OURS)}))
    check_supports(able, wanted)
    check_extensions([able], wanted)
    with pytest.raises(LeafUnsupported):
        check_supports(leaf(), wanted)
    with pytest.raises(ExtensionUnsupported):
        check_extensions([able, leaf()], wanted)


def test_defaults_need_not_be_listed() -> None:
    """RFC 9420 7.2: the RFC's own extensions and proposals are supported by everybody."""
    check_supports(leaf(), asks(extensions=(1, 2, 3, 4, 5), proposals=(1, 2, 3, 4, 5, 6, 7)))


def test_a_leaf_supports_its_own_credential_and_an_extension_of_the_group() -> None:
    with pytest.raises(LeafUnsupported):
        check_supports(leaf(lambda c: replace(c, credentials=())), ())
    with pytest.raises(LeafUnsupported):
        check_supports(leaf(), (Extension(OURS, b""),))
    check_supports(leaf(lambda c: replace(c, extensions=(OURS,))), (Extension(OURS, b""),))


def test_everybody_supports_everybodys_credentials() -> None:
    check_credentials([leaf(), leaf()])
    with pytest.raises(LeafUnsupported):
        check_credentials([leaf(), leaf(lambda c: replace(c, credentials=(OURS,)))])


def test_the_clear_header_of_every_kind_of_message() -> None:
    host, guest = group_of(1, 2)
    newcomer = person(suite(1), "y")
    _, private = guest.protect(b"x", R)
    public = host.commit(R, NOW, wire="public").message
    found = peek(private)
    assert (found.kind, found.group_id, found.epoch, found.content_type) == ("private", host.group_id, 1, 1)
    found = peek(public)
    assert (found.kind, found.group_id, found.epoch, found.content_type) == ("public", host.group_id, 1, 3)
    welcome = founder(suite(1)).commit(R, NOW, add=[newcomer.package]).welcome
    assert welcome is not None
    assert (peek(welcome).kind, peek(welcome).key_package_refs) == ("welcome", (newcomer.package.ref,))
    assert peek(MlsMessage(newcomer.package).encode()).kind == "key_package"
    for bad, refusal in (
        (b"\0\2" + private[2:], UnsupportedVersion),
        (private[:2] + b"\0\7" + private[4:], DecodeError),
        (private + b"\0", DecodeError),
        (b"", DecodeError),
    ):
        with pytest.raises(refusal):
            peek(bad)
        assert issubclass(refusal, MlsError)
