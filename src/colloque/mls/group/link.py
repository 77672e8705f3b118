"""Groups that follow from another: in its place by a reinit, or as a branch with some of its members (RFC 9420 11.2, 11.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from colloque.mls.errors import BranchMismatch, ReinitMismatch
from colloque.mls.group.psks import PskStore
from colloque.mls.group.state import Member, State, member
from colloque.mls.messages.proposal import ReInit
from colloque.mls.messages.psk import PskId, Usage
from colloque.mls.messages.welcome import GroupContext
from colloque.mls.tree.ratchet_tree import RatchetTree


def identities(members: Iterable[Member]) -> Counter[bytes]:
    return Counter(m.identity for m in members)


def check_link(link: PskId, context: GroupContext, tree: RatchetTree, store: PskStore) -> None:
    """That the new group is what the old one's members may expect; members match by the identity of their credentials."""
    old = store.group(link.group_id, link.epoch)
    assert old is not None, "its key was found there"
    new = identities(member(index, leaf) for index, leaf in tree.leaves())
    if link.usage == Usage.REINIT:
        check_reinit(old, link, context, new)
        return
    before = old.members_at(link.epoch)
    # MUST 11.3-2
    same = (context.version, context.suite) == (old.context.version, old.context.suite)
    if context.epoch != 1 or not same:
        raise BranchMismatch("its epoch, version or suite")
    assert before is not None, "its key was found there"
    if not new <= identities(before):
        raise BranchMismatch("somebody who was not in the group")


def check_reinit(old: State, link: PskId, context: GroupContext, new: Counter[bytes]) -> None:
    if old.reinit is None or link.epoch != old.context.epoch:
        raise ReinitMismatch("no reinit ended that group in that epoch")
    # MUST 11.2-1, 12.4.2-2
    if context.epoch != 1 or _parameters(context) != old.reinit:
        raise ReinitMismatch("its epoch, id, version, suite or extensions")
    if new != identities(old.members()):
        raise ReinitMismatch("other members")


def _parameters(context: GroupContext) -> ReInit:
    return ReInit(context.group_id, context.version, context.suite, context.extensions)
