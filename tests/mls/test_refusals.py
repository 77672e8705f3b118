"""Every refusal has a name, and a refused message changes nothing (`spec/mls.md` M7)."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

import pytest

from colloque.mls import errors
from colloque.mls.api import Extension, Group, Lifetime, Policy, Psk, suite
from colloque.mls.framing.message import MlsMessage
from colloque.mls.messages.key_package import KeyPackage
from colloque.mls.messages.leaf_node import Source
from colloque.mls.messages.welcome import Welcome
from colloque.mls.tree import verify
from colloque.mls.tree.nodes import ParentNode
from tests.mls.people import NOW, founder, fresh, group_of, join, person

R = os.urandom
KIND = suite(83)


def refused(kind: type[errors.MlsError], group: Group, action: Callable[[], object]) -> None:
    before = group.to_bytes()
    with pytest.raises(kind) as caught:
        action()
    assert type(caught.value) is kind
    assert caught.value.rule in str(caught.value)
    assert group.to_bytes() == before


def test_messages_of_other_groups_epochs_and_generations() -> None:
    host, guest = group_of(83, 2)
    stranger, _ = group_of(83, 2)
    _, foreign = stranger.protect(b"x", R)
    refused(errors.UnknownGroup, host, lambda: host.process(foreign, NOW))
    guest, message = guest.protect(b"x", R)
    after = host.process(message, NOW).group
    refused(errors.GenerationUsed, after, lambda: after.process(message, NOW))
    later = guest.commit(R, NOW).group
    _, future = later.protect(b"x", R)
    refused(errors.FutureEpoch, host, lambda: host.process(future, NOW))
    short = host.with_policy(Policy(past_epochs=0)).commit(R, NOW).group
    refused(errors.PastEpochForgotten, short, lambda: short.process(message, NOW))
    own, mine = host.protect(b"x", R)
    refused(errors.OwnMessage, own, lambda: own.process(mine, NOW))
    own, mine = own.propose_remove(1, R, NOW, wire="public")
    refused(errors.OwnMessage, own, lambda: own.process(mine, NOW))
    welcome = host.commit(R, NOW, add=[person(KIND, "x").package]).welcome or b""
    refused(errors.WrongSender, host, lambda: host.process(welcome, NOW))


def test_generations_too_far_ahead() -> None:
    """`spec/mls.md` M5"""
    host, guest = group_of(83, 2, policy=Policy(max_forward=3, skipped_generations=2))
    messages = []
    for _ in range(6):
        guest, message = guest.protect(b"x", R)
        messages.append(message)
    refused(errors.GenerationTooFar, host, lambda: host.process(messages[5], NOW))
    host = host.process(messages[3], NOW).group
    refused(errors.GenerationUsed, host, lambda: host.process(messages[0], NOW))
    assert host.process(messages[1], NOW).group.epoch == 1


def test_changed_bytes() -> None:
    host, guest = group_of(83, 2)
    _, message = guest.protect(b"x", R)
    changed = message[:-1] + bytes([message[-1] ^ 1])
    refused(errors.DecryptionFailed, host, lambda: host.process(changed, NOW))
    public = guest.commit(R, NOW, wire="public").message
    for at in (len(public) - 5, len(public) // 2):
        bad = public[:at] + bytes([public[at] ^ 1]) + public[at + 1 :]
        before = host.to_bytes()
        with pytest.raises(errors.MlsError):
            host.process(bad, NOW)
        assert host.to_bytes() == before
    refused(errors.DecodeError, host, lambda: host.process(message + b"\0", NOW))


def test_only_the_committer_commits() -> None:
    """`spec/mls.md` M4"""
    anne = founder(KIND)
    policy = Policy(committer_signature_key=anne.signature_key(0))
    bruno, chloe = person(KIND, "bruno"), person(KIND, "chloe")
    staged = anne.with_policy(policy).commit(R, NOW, add=[bruno.package, chloe.package])
    host = staged.group
    guest = join(staged.welcome, bruno, policy=policy)
    loose = join(staged.welcome, chloe)
    refused(errors.NotAllowedByPolicy, guest, lambda: guest.commit(R, NOW))
    refused(errors.NotAllowedByPolicy, host, lambda: host.process(loose.commit(R, NOW).message, NOW))
    _, proposal = loose.propose_remove(1, R, NOW)
    refused(errors.NotAllowedByPolicy, guest, lambda: guest.process(proposal, NOW))
    other = Policy(committer_signature_key=b"k" * 32)
    with pytest.raises(errors.NotAllowedByPolicy):
        join(staged.welcome, bruno, policy=other)
    full = host.with_policy(replace(policy, max_members=3))
    refused(errors.GroupFull, full, lambda: full.commit(R, NOW, add=[person(KIND, "d").package]))


def test_proposals_that_do_not_fit() -> None:
    # MUST 12.2-1, 12.4-1, 12.4-2, 12.4-3, 12.4.1-1, 14-2
    host, guest, third = group_of(83, 3)
    bruno = person(KIND, "bruno")
    host = host.commit(R, NOW, add=[bruno.package]).group
    refused(errors.AddsMember, host, lambda: host.commit(R, NOW, add=[fresh(KIND, bruno).package]))
    refused(errors.RemovesCommitter, host, lambda: host.commit(R, NOW, remove=[0]))
    refused(errors.NoSuchLeaf, host, lambda: host.commit(R, NOW, remove=[17]))
    refused(errors.ProposalsConflict, host, lambda: host.commit(R, NOW, remove=[1, 1]))
    refused(errors.ProposalUnknown, host, lambda: host.commit(R, NOW, by_reference=[b"r" * 64]))
    refused(errors.PathRequired, host, lambda: host.commit(R, NOW, remove=[1], path=False))
    refused(errors.PathRequired, host, lambda: host.commit(R, NOW, path=False))
    needs = (Extension(3, b"\x02\xf0\x42\x00\x00"),)
    refused(errors.ExtensionUnsupported, host, lambda: host.commit(R, NOW, group_context_extensions=needs))
    waiting, _ = guest.propose_update(R, NOW)
    refused(errors.CommitPending, waiting, lambda: waiting.protect(b"x", R))
    refused(
        errors.ProposalOfCommitter, waiting, lambda: waiting.commit(R, NOW, by_reference=waiting.pending())
    )
    asking, message = third.propose_psk(b"k", R, NOW)
    told = guest.process(message, NOW).group
    refused(errors.PskUnknown, told, lambda: told.commit(R, NOW, by_reference=told.pending()))
    commit = told.commit(R, NOW, by_reference=told.pending(), known_psks={b"k": b"v"}).message
    refused(errors.PskUnknown, asking, lambda: asking.process(commit, NOW))
    refused(errors.ConfirmationTagMismatch, asking, lambda: asking.process(commit, NOW, psks={b"k": b"w"}))


def _package(change: Callable[[KeyPackage], KeyPackage]) -> KeyPackage:
    who = person(KIND, "x")
    return change(who.package).sign(who.signer.private)


def test_key_packages_that_are_not_valid() -> None:
    # MUST 5.1.2-1, 7.3-2, 10-2, 10-3, 10-5, 12.2-1
    host = founder(KIND)
    expired = person(KIND, "old", Lifetime(0, 5))
    refused(errors.LeafExpired, host, lambda: host.commit(R, NOW, add=[expired.package]))
    foreign = person(suite(1), "other")
    refused(errors.KeyPackageForeign, host, lambda: host.commit(R, NOW, add=[foreign.package]))
    reused = _package(lambda p: replace(p, init_key=p.leaf.encryption_key))
    refused(errors.InitKeyReused, host, lambda: host.commit(R, NOW, add=[reused]))
    forged = replace(person(KIND, "f").package, signature=b"s" * 64)
    refused(errors.InvalidSignature, host, lambda: host.commit(R, NOW, add=[forged]))
    wrong = _package(lambda p: replace(p, leaf=replace(p.leaf, source=Source.UPDATE, lifetime=None)))
    refused(errors.LeafSourceWrong, host, lambda: host.commit(R, NOW, add=[wrong]))
    unusable = _package(lambda p: replace(p, init_key=b"k" * 5))
    refused(errors.InvalidPublicKey, host, lambda: host.commit(R, NOW, add=[unusable]))
    who = person(KIND, "y")
    leaf = replace(who.package.leaf, extensions=(Extension(0xF042, b""),)).sign(KIND, who.signer.private)
    bare = replace(who.package, leaf=leaf).sign(who.signer.private)
    refused(errors.LeafUnsupported, host, lambda: host.commit(R, NOW, add=[bare]))


def test_welcomes_that_do_not_fit() -> None:
    # MUST 12.4.3.1-1
    bruno, chloe = person(KIND, "bruno"), person(KIND, "chloe")
    staged = founder(KIND).commit(R, NOW, add=[bruno.package], psks=[Psk(b"p", b"x")])
    with pytest.raises(errors.WelcomeNotForUs):
        join(staged.welcome, chloe, p=b"x")
    with pytest.raises(errors.PskUnknown):
        join(staged.welcome, bruno)
    with pytest.raises(errors.DecryptionFailed):
        join(staged.welcome, bruno, p=b"y")
    apart = founder(KIND).commit(R, NOW, add=[bruno.package], tree_in_welcome=False)
    with pytest.raises(errors.TreeMissing):
        join(apart.welcome, bruno)
    other = group_of(83, 2)[0].state.tree.encode()
    with pytest.raises(errors.MlsError):
        join(apart.welcome, bruno, tree=other)
    welcome = MlsMessage.decode(staged.welcome or b"").body
    assert isinstance(welcome, Welcome)
    changed = replace(welcome, encrypted_group_info=welcome.encrypted_group_info[:-1] + b"x")
    with pytest.raises(errors.DecryptionFailed):
        join(MlsMessage(changed).encode(), bruno, p=b"x")


def test_trees_that_do_not_fit() -> None:
    # MUST 7.9.2-1, 16.7-1
    tree = group_of(1, 4)[0].commit(R, NOW).group.state.tree
    parent = tree.parent(1)
    assert parent is not None
    with pytest.raises(errors.ParentHashMismatch):
        verify.verify_parent_hashes(tree.with_nodes({1: ParentNode(parent.encryption_key, b"h" * 32)}))
    with pytest.raises(errors.UnmergedLeavesInvalid):
        verify.verify_unmerged(tree.with_nodes({1: replace(parent, unmerged_leaves=(3,))}))
    with pytest.raises(errors.DuplicateSignatureKey):
        verify.verify_unique_keys(tree.with_nodes({2: tree.leaf(0)}))
    key = replace(tree.leaf(1), encryption_key=tree.leaf(0).encryption_key)
    with pytest.raises(errors.DuplicateEncryptionKey):
        verify.verify_unique_keys(tree.with_nodes({2: key}))
    with pytest.raises(errors.InvalidSignature):
        verify.verify_leaf_signatures(tree, b"another group")


def test_secrets_do_not_show() -> None:
    host, guest = group_of(83, 2)
    staged = host.commit(R, NOW)
    package = person(KIND, "x")
    shown = repr(
        (host, guest, staged, package.signer, package.secrets, host.state, Psk(b"id", b"hidden secret"))
    )
    state = host.state
    secrets = (
        state.signer,
        state.secrets.init,
        state.secrets.exporter,
        *state.private.keys.values(),
        package.secrets.init,
    )
    for secret in secrets:
        assert secret.hex() not in shown
        assert repr(secret)[2:-1] not in shown
    assert "hidden secret" not in shown
