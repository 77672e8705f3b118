"""GREASE: random values that others must ignore, sent to see that they do (RFC 9420 13.5).

They are only ever added to what is sent; what is received is compared by the ordinary rules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from colloque.mls.messages.extension import Extension, Extensions
from colloque.mls.messages.leaf_node import Capabilities

VALUES = tuple(n << 12 | 0xA00 | n << 4 | 0xA for n in range(15))


def _some(random: Callable[[int], bytes]) -> tuple[int, ...]:
    """One or two of the values."""
    first, second = random(2)
    return tuple(sorted({VALUES[first % 15], VALUES[second % 15]}))


def greased_extensions(extensions: Extensions, random: Callable[[int], bytes]) -> Extensions:
    """With one unknown extension more, of a few random bytes."""
    size, which = random(2)
    return (*extensions, Extension(VALUES[which % 15], random(size % 16)))


def greased(capabilities: Capabilities, random: Callable[[int], bytes]) -> Capabilities:
    """With GREASE values in every list that may have them."""
    return replace(
        capabilities,
        suites=(*capabilities.suites, *_some(random)),
        extensions=tuple(dict.fromkeys((*capabilities.extensions, *_some(random)))),
        proposals=(*capabilities.proposals, *_some(random)),
        credentials=(*capabilities.credentials, *_some(random)),
    )


def without_grease(capabilities: Capabilities) -> Capabilities:
    """What one really supports oneself."""
    return Capabilities(
        *(
            tuple(v for v in values if v not in VALUES)
            for values in (
                capabilities.versions,
                capabilities.suites,
                capabilities.extensions,
                capabilities.proposals,
                capabilities.credentials,
            )
        )
    )
