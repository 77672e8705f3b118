"""Groups that follow from another: reinit and branch, with their resumption keys (RFC 9420 11.2, 11.3, 8.6)."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from colloque.mls import errors
from colloque.mls.api import (
    Application,
    Committed,
    Extension,
    Group,
    Policy,
    ReInit,
    SignatureKey,
    Staged,
    Suite,
    propose_outside,
    suite,
)
from colloque.mls.group.commit import Order, make_commit
from colloque.mls.group.psks import PskStore
from colloque.mls.messages.proposal import Add, PreSharedKey, Proposal
from colloque.mls.messages.proposal import ReInit as ReInitProposal
from colloque.mls.messages.psk import PskId, PskType, Usage
from tests.mls.people import NOW, Person, agree, committed, fresh, group_of, person
from tests.mls.test_refusals import refused

R = os.urandom
KIND = suite(83)
ENDS = Policy(reinit=True)
NEEDS = (Extension(3, b"\x00\x00\x02\x00\x01"),)
"""Required capabilities: the basic credential."""


def again(kind: Suite, group: Group) -> Person:
    """A fresh key package of this member, for a suite with the same kind of signing keys, or another key."""
    name = group.members()[[m.leaf_index for m in group.members()].index(group.own_leaf)].identity
    signer = SignatureKey.from_bytes(kind, group.state.signer)
    if kind.scheme is not group.suite.scheme:
        signer = SignatureKey.generate(kind)
    return fresh(kind, Person(name, signer, person(kind, "x").package, person(kind, "x").secrets))


def follow(welcome: bytes | None, who: Person, *groups: Group, policy: Policy | None = None) -> Group:
    assert welcome is not None
    return Group.join(
        welcome, who.package, who.secrets, who.signer, NOW, groups=groups, policy=policy or Policy()
    )


def ended(count: int, kind: Suite = KIND) -> list[Group]:
    groups = group_of(83, count, policy=ENDS)
    staged = groups[0].commit_reinit(b"new group", R, NOW, suite=kind, extensions=NEEDS)
    return [staged.group, *(committed(g, staged.message) for g in groups[1:])]


@pytest.mark.parametrize("number", [83, 1, 2, 4])
@pytest.mark.parametrize("founder", [0, 2])
def test_a_group_is_reinitialized(number: int, founder: int) -> None:
    """11.2: announced, committed, and founded anew by any of its members, in another suite."""
    # MUST 11.2-2, 12.4.1-4
    kind = suite(number)
    old = ended(3, kind)
    assert all(g.reinit == ReInit(b"new group", 1, number, NEEDS) for g in old)
    people = {n: again(kind, g) for n, g in enumerate(old)}
    others = [n for n in range(3) if n != founder]
    staged = old[founder].reinitialize(people[founder].signer, [people[n].package for n in others], R, NOW)
    new = [
        staged.group,
        *(follow(staged.welcome, people[n], Group.from_bytes(old[n].to_bytes())) for n in others),
    ]
    agree(new)
    assert (new[1].group_id, new[1].suite.number, new[1].epoch) == (b"new group", number, 1)
    assert new[1].state.context.extensions == NEEDS


def test_a_reinit_by_reference_ends_the_group() -> None:
    """12.4.2: nothing is sent or changed any more; late messages still open."""
    # MUST 12.4.2-2
    host, guest = group_of(83, 2, policy=ENDS)
    guest, late = guest.protect(b"late", R)
    proposing, message = guest.propose_reinit(b"next", R, NOW)
    told = host.process(message, NOW).group
    staged = told.commit(R, NOW, by_reference=told.pending(), path=False)
    event = proposing.process(staged.message, NOW)
    assert isinstance(event, Committed)
    assert event.reinit == ReInit(b"next", 1, 83, ())
    for over in (staged.group, Group.from_bytes(event.group.to_bytes())):
        refused(errors.GroupReinitialized, over, partial(over.protect, b"x", R))
        refused(errors.GroupReinitialized, over, partial(over.commit, R, NOW))
        refused(errors.GroupReinitialized, over, partial(over.propose_update, R, NOW))
    opened = staged.group.process(late, NOW)
    assert isinstance(opened, Application)
    running = replace(event.group.state, reinit=None)
    more = Group(running).commit(R, NOW).message
    refused(errors.GroupReinitialized, staged.group, lambda: staged.group.process(more, NOW))
    public = Group(running).commit(R, NOW, wire="public").message
    refused(errors.GroupReinitialized, staged.group, lambda: staged.group.process(public, NOW))
    loose = staged.group.with_policy(Policy(newcomer_proposals=True))
    eva = person(KIND, "eva")
    asks = propose_outside(83, loose.group_id, loose.epoch, Add(eva.package), eva.signer.private, None)
    refused(errors.GroupReinitialized, loose, lambda: loose.process(asks, NOW))


def test_reinits_that_are_not_valid() -> None:
    host, guest = group_of(83, 2, policy=ENDS)
    strict = guest.with_policy(Policy())
    refused(errors.NotAllowedByPolicy, strict, lambda: strict.commit_reinit(b"n", R, NOW))
    refused(errors.NotAllowedByPolicy, strict, lambda: strict.propose_reinit(b"n", R, NOW))
    sent = host.commit_reinit(b"n", R, NOW).message
    refused(errors.NotAllowedByPolicy, strict, lambda: strict.process(sent, NOW))
    refused(errors.NotReinitialized, host, lambda: host.reinitialize(again(KIND, host).signer, [], R, NOW))

    def made(*proposals: Proposal) -> bytes:
        return make_commit(host.state, Order(proposals), PskStore(), R, NOW).message

    reinit = ReInitProposal(b"n", 1, 83, ())
    refused(errors.ReinitNotAlone, host, lambda: made(reinit, Add(person(KIND, "e").package)))
    refused(errors.ReinitDowngrade, host, lambda: made(replace(reinit, version=0)))
    assert guest


def _welcome(founder: Group, people: list[Person], link: PskId, *groups: Group) -> Staged:
    """A founding commit with any link at all."""
    proposals: tuple[Proposal, ...] = (*(Add(p.package) for p in people), PreSharedKey(link))
    store = PskStore(groups=tuple(g.state for g in groups))
    made = make_commit(founder.state, Order(proposals, linking=True), store, R, NOW)
    return Staged(Group(made.state), made.message, made.welcome)


def _founder(
    old: Group, group_id: bytes, kind: Suite = KIND, extensions: tuple[Extension, ...] = NEEDS
) -> Group:
    name = old.members()[0].identity
    return Group.create(kind, group_id, again(kind, old).signer, name, R, NOW, extensions=extensions)


def _link(old: Group, usage: Usage, epoch: int | None = None) -> PskId:
    at = old.epoch if epoch is None else epoch
    return PskId(PskType.RESUMPTION, R(64), b"", usage, old.group_id, at)


def test_what_takes_a_groups_place_is_what_was_announced() -> None:
    """11.2, 12.4.3.1: id, suite, extensions, epoch 1, the same members; only with a reinit."""
    # MUST 11.2-1, 12.4.2-2
    old = ended(3)
    people = [again(KIND, g) for g in old[1:]]
    link = _link(old[0], Usage.REINIT)

    def joins(staged: Staged, member: Group = old[1]) -> Callable[[], Group]:
        return lambda: follow(staged.welcome, people[0], member)

    good = _welcome(_founder(old[0], b"new group"), people, link, old[0])
    joins(good)()
    with pytest.raises(errors.PskUnknown):
        follow(good.welcome, people[0])
    wrong = [
        _welcome(_founder(old[0], b"another"), people, link, old[0]),
        _welcome(_founder(old[0], b"new group", extensions=()), people, link, old[0]),
        _welcome(_founder(old[0], b"new group"), people[:1], link, old[0]),
        _welcome(_founder(old[0], b"new group"), [*people, person(KIND, "eva")], link, old[0]),
        _welcome(_founder(old[0], b"new group").commit(R, NOW).group, people, link, old[0]),
    ]
    for staged in wrong:
        with pytest.raises(errors.ReinitMismatch):
            joins(staged)()
    earlier = _welcome(_founder(old[0], b"new group"), people, _link(old[0], Usage.REINIT, 1), old[0])
    with pytest.raises(errors.ReinitMismatch):
        joins(earlier)()
    alive = Group(replace(old[1].state, reinit=None))
    with pytest.raises(errors.ReinitMismatch):
        joins(good, alive)()
    other = replace(old[1].state, reinit=ReInit(b"new group", 1, 1, NEEDS))
    with pytest.raises(errors.ReinitMismatch):
        joins(good, Group(other))()
    for given in ([people[0].package], [p.package for p in (*people, person(KIND, "eva"))]):
        with pytest.raises(errors.ReinitMismatch):
            old[0].reinitialize(again(KIND, old[0]).signer, given, R, NOW)


def test_a_branch_of_some_members() -> None:
    """11.3: same suite and extensions, epoch 1, nobody new; also when the old group has gone on meanwhile."""
    old = group_of(83, 4)
    people = {n: again(KIND, old[n]) for n in (1, 3)}
    staged = old[2].branch(
        b"branch", again(KIND, old[2]).signer, [p.package for p in people.values()], R, NOW
    )
    moved = old[0].commit(R, NOW)
    later = committed(old[3], moved.message)
    new = [staged.group, follow(staged.welcome, people[1], old[1]), follow(staged.welcome, people[3], later)]
    agree(new)
    assert {m.identity for m in new[0].members()} == {b"member 1", b"member 2", b"member 3"}
    with pytest.raises(errors.BranchMismatch):
        old[0].branch(b"b", again(KIND, old[0]).signer, [person(KIND, "eva").package], R, NOW)
    with pytest.raises(errors.BranchMismatch):
        twice = [fresh(KIND, people[1]).package, person(KIND, "member 1").package]
        old[0].branch(b"b", again(KIND, old[0]).signer, twice, R, NOW)
    with pytest.raises(errors.PskUnknown):
        follow(staged.welcome, people[1])
    stranger = group_of(83, 2)[0]
    with pytest.raises(errors.PskUnknown):
        follow(staged.welcome, people[1], stranger)
    forgetful = Group(replace(later.state, past=()))
    with pytest.raises(errors.PskUnknown):
        follow(staged.welcome, people[3], forgetful)


def test_branches_that_are_none() -> None:
    # MUST 11.3-2
    old = group_of(83, 3)
    one = again(KIND, old[1])
    link = _link(old[0], Usage.BRANCH)
    eva = person(KIND, "eva")
    later = _founder(old[0], b"b").commit(R, NOW).group
    for staged in (
        _welcome(_founder(old[0], b"b"), [one, eva], link, old[0]),
        _welcome(later, [one], link, old[0]),
    ):
        with pytest.raises(errors.BranchMismatch):
            follow(staged.welcome, one, old[1])
    kind = suite(5)
    other = again(kind, old[1])
    staged = _welcome(_founder(old[0], b"b", kind), [other], link, old[0])
    with pytest.raises(errors.BranchMismatch):
        follow(staged.welcome, other, old[1])


def test_linking_keys_do_not_belong_into_other_commits() -> None:
    """11.2, 11.3, 12.1.4: and there is one at most in a Welcome, with a nonce of the right length."""
    # MUST 8.4-2, 11.2-3, 11.3-3
    old = group_of(83, 3)
    for usage in (Usage.REINIT, Usage.BRANCH):
        order = Order((PreSharedKey(_link(old[0], usage)),))
        refused(
            errors.PskMalformed,
            old[0],
            partial(make_commit, old[0].state, order, PskStore(), R, NOW),
        )
        made = make_commit(old[0].state, replace(order, linking=True), PskStore(), R, NOW)
        refused(errors.PskMalformed, old[1], partial(old[1].process, made.message, NOW))
    one = again(KIND, old[1])
    links = [_link(old[0], Usage.BRANCH), _link(old[0], Usage.BRANCH)]
    proposals: tuple[Proposal, ...] = (Add(one.package), *(PreSharedKey(link) for link in links))
    founded = make_commit(
        _founder(old[0], b"b").state,
        Order(proposals, linking=True),
        PskStore(groups=(old[0].state,)),
        R,
        NOW,
    )
    with pytest.raises(errors.PskMalformed):
        follow(founded.welcome, one, old[1])


def test_resumption_keys_of_past_epochs() -> None:
    """8.6: kept for the epochs of the window, through bytes; those who were not there cannot follow."""
    host, guest = group_of(83, 2, policy=Policy(past_epochs=3))
    for _ in range(4):
        staged = host.commit(R, NOW)
        host, guest = staged.group, Group.from_bytes(committed(guest, staged.message).to_bytes())
    for epoch in (host.epoch, host.epoch - 1, host.epoch - 3):
        staged = host.commit(R, NOW, resume=[epoch])
        agree([staged.group, committed(guest, staged.message)])
    refused(errors.PskUnknown, host, lambda: host.commit(R, NOW, resume=[host.epoch - 4]))
    eva = person(KIND, "eva")
    staged = host.commit(R, NOW, add=[eva.package], resume=[host.epoch])
    with pytest.raises(errors.PskUnknown):
        follow(staged.welcome, eva)


def test_two_groups_do_not_share_an_id() -> None:
    """12.4.3: but a group that was ended may leave its id to the one in its place."""
    # MUST 12.4.3-3
    host, guest = group_of(83, 2)
    eva = person(KIND, "eva")
    staged = host.commit(R, NOW, add=[eva.package])
    with pytest.raises(errors.GroupIdTaken):
        follow(staged.welcome, eva, guest)
    ended_group = Group(replace(guest.state, reinit=ReInit(b"n", 1, 83, ())))
    follow(staged.welcome, eva, ended_group)
