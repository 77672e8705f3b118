"""Founding a group that follows from another: the one that a reinit announced, or a branch (RFC 9420 11.2, 11.3, 12.4.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from colloque.mls.crypto.suite import Suite, suite
from colloque.mls.errors import BranchMismatch, NotReinitialized, ReinitMismatch
from colloque.mls.group.commit import Made, Order, make_commit
from colloque.mls.group.create import SignatureKey, create
from colloque.mls.group.link import identities
from colloque.mls.group.policy import Policy
from colloque.mls.group.psks import PskStore
from colloque.mls.group.state import Random, State
from colloque.mls.messages.extension import Extensions
from colloque.mls.messages.key_package import KeyPackage
from colloque.mls.messages.proposal import Add, PreSharedKey, Proposal
from colloque.mls.messages.psk import PskId, PskType, Usage


@dataclass(frozen=True, slots=True)
class Founding:
    """Who founds, whom it brings along by fresh key packages, and under which policy. `now` in seconds."""

    signer: SignatureKey
    packages: Sequence[KeyPackage]
    policy: Policy
    now: int
    tree_in_welcome: bool = True


def branch(state: State, group_id: bytes, how: Founding, random: Random) -> Made:
    """A new group of some members of `state`, with the same suite and extensions."""
    own = state.tree.leaf(state.own).credential.identity
    people = identities(state.members())
    people[own] -= 1
    for package in how.packages:
        people[package.identity] -= 1
        if people[package.identity] < 0:
            raise BranchMismatch("somebody who is not in the group")
    return _found(state, state.suite, group_id, state.context.extensions, Usage.BRANCH, how, random)


def reinitialize(state: State, how: Founding, random: Random) -> Made:
    """The group that takes the place of `state`, with the same members, as its last commit announced it."""
    if state.reinit is None:
        raise NotReinitialized
    expected = identities(state.members())
    own = state.tree.leaf(state.own).credential.identity
    given = identities(())
    given.update([own, *(package.identity for package in how.packages)])
    # MUST 12.4.1-4
    if given != expected:
        raise ReinitMismatch("other members")
    new = state.reinit
    return _found(state, suite(new.suite), new.group_id, new.extensions, Usage.REINIT, how, random)


def _found(
    old: State,
    kind: Suite,
    group_id: bytes,
    extensions: Extensions,
    usage: Usage,
    how: Founding,
    random: Random,
) -> Made:
    credential = old.tree.leaf(old.own).credential
    new = create(kind, group_id, how.signer, credential, random, how.now, how.policy, extensions)
    nonce, epoch = random(kind.hash_bytes), old.context.epoch
    # MUST 11.2-2, 11.3-1, 12.4.1-4
    link = PskId(PskType.RESUMPTION, nonce, b"", usage, old.context.group_id, epoch)
    proposals: tuple[Proposal, ...] = (*(Add(package) for package in how.packages), PreSharedKey(link))
    order = Order(proposals, tree_in_welcome=how.tree_in_welcome, linking=True)
    return make_commit(new, order, PskStore(groups=(old,)), random, how.now)
