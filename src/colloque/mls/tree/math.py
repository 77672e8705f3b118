"""Where nodes are in a perfect binary tree laid out in an array: leaves at even places (RFC 9420 appendix C)."""

from __future__ import annotations


def level(x: int) -> int:
    """0 for a leaf; otherwise the number of trailing one bits."""
    return ((x ^ (x + 1)).bit_length()) - 1


def node_width(leaves: int) -> int:
    return 0 if leaves == 0 else 2 * leaves - 1


def root(leaves: int) -> int:
    return (1 << (node_width(leaves).bit_length() - 1)) - 1


def left(x: int) -> int:
    return x ^ (1 << (level(x) - 1))


def right(x: int) -> int:
    return x ^ (3 << (level(x) - 1))


def parent(x: int) -> int:
    """In a tree large enough: the root's parent is the root of the next larger tree."""
    k = level(x)
    return (x | (1 << k)) ^ (((x >> (k + 1)) & 1) << (k + 1))


def sibling(x: int) -> int:
    above = parent(x)
    return right(above) if x < above else left(above)


def direct_path(x: int, leaves: int) -> list[int]:
    """From the parent of `x` to the root."""
    top, path = root(leaves), []
    while x != top:
        x = parent(x)
        path.append(x)
    return path


def copath(x: int, leaves: int) -> list[int]:
    """The sibling of each node of `x` and its direct path but the root."""
    if x == root(leaves):
        return []
    return [sibling(y) for y in [x, *direct_path(x, leaves)[:-1]]]


def in_subtree(x: int, top: int) -> bool:
    reach = (1 << level(top)) - 1
    return top - reach <= x <= top + reach


def common_ancestor(a: int, b: int) -> int:
    """The lowest node above (or at) both."""
    while not in_subtree(b, a):
        a = parent(a)
    return a


def leaves_below(x: int) -> range:
    """The leaf indices under node `x`."""
    reach = (1 << level(x)) - 1
    return range((x - reach) // 2, (x + reach) // 2 + 1)
