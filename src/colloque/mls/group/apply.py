"""The proposals of one commit applied, in the RFC's order (RFC 9420 12.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from colloque.mls.errors import GroupFull
from colloque.mls.group.leaves import check_credentials, check_extensions
from colloque.mls.group.proposals import Entry
from colloque.mls.group.state import State
from colloque.mls.messages.extension import Extensions
from colloque.mls.messages.proposal import Add, PreSharedKey, ReInit, Remove, Update
from colloque.mls.messages.psk import PskId
from colloque.mls.tree.ratchet_tree import RatchetTree
from colloque.mls.tree.verify import verify_unique_keys


@dataclass(frozen=True, slots=True)
class Applied:
    """`added`: leaf and proposal; `updated`: leaf and the proposal's reference."""

    tree: RatchetTree
    extensions: Extensions
    added: tuple[tuple[int, Add], ...]
    removed: tuple[int, ...]
    updated: tuple[tuple[int, bytes], ...]
    psks: tuple[PskId, ...] = field(default=())
    reinit: ReInit | None = None

    @property
    def newcomers(self) -> frozenset[int]:
        return frozenset(leaf for leaf, _ in self.added)


def apply(state: State, entries: Sequence[Entry], extensions: Extensions) -> Applied:
    """Updates, removals, additions, in this order, under the new extensions; then the tree is checked as a whole."""
    proposals = [entry.proposal for entry in entries]
    # MUST 12.3-1
    tree = state.tree
    updated, removed, added = [], [], []
    for entry in entries:
        if isinstance(entry.proposal, Update):
            tree = tree.update(entry.sender.index, entry.proposal.leaf)
            updated.append((entry.sender.index, entry.ref))
    for proposal in proposals:
        if isinstance(proposal, Remove):
            tree = tree.remove(proposal.removed) if tree.has(proposal.removed) else tree
            removed.append(proposal.removed)
    for proposal in proposals:
        if isinstance(proposal, Add):
            tree, index = tree.add(proposal.package.leaf)
            added.append((index, proposal))
    changed = extensions is not state.context.extensions
    members = [leaf for _, leaf in tree.leaves()] if added or updated or changed else []
    if added and len(members) > state.policy.max_members:
        raise GroupFull
    if changed:
        check_extensions(members, extensions)
    if added or updated:
        check_credentials(members)
        verify_unique_keys(tree)
    psks = tuple(p.psk for p in proposals if isinstance(p, PreSharedKey))
    reinit = next((p for p in proposals if isinstance(p, ReInit)), None)
    return Applied(tree, extensions, tuple(added), tuple(removed), tuple(updated), psks, reinit)
