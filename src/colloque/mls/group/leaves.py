"""Whether a leaf may be in a group (RFC 9420 7.3), and whether everybody supports what the group asks."""

from __future__ import annotations

from collections.abc import Iterable

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


def required(extensions: Extensions) -> RequiredCapabilities:
    data = find(extensions, REQUIRED_CAPABILITIES)
    return RequiredCapabilities() if data is None else RequiredCapabilities.decode(data)


def check_supports(leaf: LeafNode, extensions: Extensions, by: int | None = None) -> None:
    """The leaf supports its own extensions, its own credential, and all that the group asks; `LeafUnsupported`."""
    has = leaf.capabilities
    if any(e.type not in has.extensions and e.type not in DEFAULT_TYPES for e in leaf.extensions):
        raise LeafUnsupported("its own extension", by=by)
    if leaf.credential.type not in has.credentials:
        raise LeafUnsupported("its own credential", by=by)
    if any(e.type not in has.extensions and e.type not in DEFAULT_TYPES for e in extensions):
        # MUST 13.4-5
        raise LeafUnsupported("an extension of the group", by=by)
    # MUST 7.3-1
    asks = required(extensions)
    if not set(asks.extensions) - DEFAULT_TYPES <= set(has.extensions):
        raise LeafUnsupported("a required extension", by=by)
    if not set(asks.proposals) - DEFAULT_PROPOSALS <= set(has.proposals):
        raise LeafUnsupported("a required proposal", by=by)
    if not set(asks.credentials) <= set(has.credentials):
        raise LeafUnsupported("a required credential", by=by)


def check_credentials(leaves: Iterable[LeafNode]) -> None:
    """Everybody supports everybody's type of credential; `LeafUnsupported`."""
    people = list(leaves)
    used = {leaf.credential.type for leaf in people}
    if any(not used <= set(leaf.capabilities.credentials) for leaf in people):
        raise LeafUnsupported("a credential that is in use in the group")


def check_extensions(leaves: Iterable[LeafNode], extensions: Extensions) -> None:
    """New group context extensions, against every member (RFC 9420 12.1.7); `ExtensionUnsupported`."""
    for leaf in leaves:
        try:
            check_supports(leaf, extensions)
        except LeafUnsupported:
            raise ExtensionUnsupported from None


def check_source(leaf: LeafNode, source: Source, by: int | None = None) -> None:
    if leaf.source is not source:
        raise LeafSourceWrong(by=by)


def check_lifetime(leaf: LeafNode, now: int | None, longest: int) -> None:
    """`now` in seconds; None leaves it unchecked. Only leaves from key packages have a lifetime."""
    if leaf.lifetime is not None:
        leaf.lifetime.check(now, longest)
