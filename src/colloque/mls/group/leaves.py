"""Whether a leaf may be in a group (RFC 9420 7.3), and whether everybody supports what the group asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from colloque.mls.errors import ExtensionUnsupported, LeafSourceWrong, LeafUnsupported
from colloque.mls.messages.extension import (
    DEFAULT_PROPOSALS,
    DEFAULT_TYPES,
    REQUIRED_CAPABILITIES,
    Extensions,
    RequiredCapabilities,
    find,
)
from colloque.mls.messages.leaf_node import LeafNode, Source


@dataclass(frozen=True, slots=True)
class Needs:
    """What a group asks of every leaf, taken out of its extensions once; what everybody supports is left out."""

    context: frozenset[int]
    extensions: frozenset[int]
    proposals: frozenset[int]
    credentials: frozenset[int]


def needs(extensions: Extensions) -> Needs:
    data = find(extensions, REQUIRED_CAPABILITIES)
    asks = RequiredCapabilities() if data is None else RequiredCapabilities.decode(data)
    return Needs(
        frozenset(e.type for e in extensions) - DEFAULT_TYPES,
        frozenset(asks.extensions) - DEFAULT_TYPES,
        frozenset(asks.proposals) - DEFAULT_PROPOSALS,
        frozenset(asks.credentials),
    )


def check_supports(leaf: LeafNode, extensions: Extensions, by: int | None = None) -> None:
    """The leaf supports its own extensions, its own credential, and all that the group asks; `LeafUnsupported`."""
    check_needs(leaf, needs(extensions), by)


def check_needs(leaf: LeafNode, asks: Needs, by: int | None = None) -> None:
    """As `check_supports`, for many leaves. Sets: a leaf may list as many as it likes, and the time stays linear."""
    has, credentials = frozenset(leaf.capabilities.extensions), frozenset(leaf.capabilities.credentials)
    if not {e.type for e in leaf.extensions} - DEFAULT_TYPES <= has:
        raise LeafUnsupported("its own extension", by=by)
    if leaf.credential.type not in credentials:
        raise LeafUnsupported("its own credential", by=by)
    if not asks.context <= has:
        # MUST 13.4-5
        raise LeafUnsupported("an extension of the group", by=by)
    # MUST 7.3-1
    if not asks.extensions <= has:
        raise LeafUnsupported("a required extension", by=by)
    if not asks.proposals <= frozenset(leaf.capabilities.proposals):
        raise LeafUnsupported("a required proposal", by=by)
    if not asks.credentials <= credentials:
        raise LeafUnsupported("a required credential", by=by)


def check_credentials(leaves: Iterable[LeafNode]) -> None:
    """Everybody supports everybody's type of credential; `LeafUnsupported`."""
    people = list(leaves)
    used = {leaf.credential.type for leaf in people}
    if any(not used <= set(leaf.capabilities.credentials) for leaf in people):
        raise LeafUnsupported("a credential that is in use in the group")


def check_extensions(leaves: Iterable[LeafNode], extensions: Extensions) -> None:
    """New group context extensions, against every member (RFC 9420 12.1.7); `ExtensionUnsupported`."""
    asks = needs(extensions)
    for leaf in leaves:
        try:
            check_needs(leaf, asks)
        except LeafUnsupported:
            raise ExtensionUnsupported from None


def check_source(leaf: LeafNode, source: Source, by: int | None = None) -> None:
    if leaf.source is not source:
        raise LeafSourceWrong(by=by)


def check_lifetime(leaf: LeafNode, now: int | None, longest: int) -> None:
    """`now` in seconds; None leaves it unchecked. Only leaves from key packages have a lifetime."""
    if leaf.lifetime is not None:
        leaf.lifetime.check(now, longest)
