"""Lists of proposals, and what a Welcome names, that no honest member makes (RFC 9420 12.1.2, 12.2, 12.4, 12.4.3.1)."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from colloque.mls import errors
from colloque.mls.api import Capabilities, Group, Policy, SignatureKey, suite
from colloque.mls.framing.content import ContentType, Sender, SenderType, WireFormat, sign_content
from colloque.mls.framing.message import MlsMessage
from colloque.mls.framing.public_message import PublicMessage
from colloque.mls.group.commit import Order, make_commit
from colloque.mls.group.proposals import check_proposal
from colloque.mls.group.propose import propose
from colloque.mls.group.psks import PskStore, check_welcome_psks
from colloque.mls.group.sealing import content_of, signed
from colloque.mls.messages.commit import Commit
from colloque.mls.messages.leaf_node import Source
from colloque.mls.messages.proposal import (
    GroupContextExtensions,
    PreSharedKey,
    Proposal,
    ProposalOrRef,
    Remove,
    Update,
)
from colloque.mls.messages.psk import PskId, PskType
from colloque.mls.messages.welcome import Welcome
from tests.mls.people import NOW, group_of, join, person
from tests.mls.test_refusals import refused

R = os.urandom
KIND = suite(83)
PSK = PreSharedKey(PskId(PskType.EXTERNAL, b"n" * 64, b"k"))
CONTEXT = GroupContextExtensions(())


def _sent(group: Group, *items: ProposalOrRef) -> bytes:
    """A commit of these items without a path, signed and with a membership tag; its confirmation tag is anything."""
    state = group.state
    message = signed(state, WireFormat.PUBLIC, content_of(state, ContentType.COMMIT, Commit(items), b""))
    message = replace(message, auth=replace(message.auth, confirmation_tag=b"t" * 64))
    public = PublicMessage.protect(KIND, message, state.secrets.membership_key, state.context)
    return MlsMessage(public).encode()


@pytest.mark.parametrize(
    ("error", "proposals"),
    [
        (errors.PskRepeated, (PSK, PSK)),
        (errors.ExtensionsRepeated, (CONTEXT, CONTEXT)),
        (errors.ProposalsConflict, (Remove(2), Remove(2))),
        (errors.RemovesCommitter, (Remove(1),)),
    ],
)
def test_lists_that_are_not_valid(error: type[errors.MlsError], proposals: tuple[Proposal, ...]) -> None:
    # MUST 12.2-1, 12.4-2
    host, guest = group_of(83, 3)[:2]
    refused(error, guest, lambda: make_commit(guest.state, Order(proposals), PskStore(), R, NOW))
    message = _sent(guest, *(ProposalOrRef(p) for p in proposals))
    refused(error, host, lambda: host.process(message, NOW))


def test_commits_without_a_path_or_of_what_nobody_proposed() -> None:
    # MUST 12.4-3
    host, guest = group_of(83, 3)[:2]
    for message in (
        _sent(guest),
        _sent(guest, ProposalOrRef(Remove(2))),
        _sent(guest, ProposalOrRef(CONTEXT)),
    ):
        refused(errors.PathRequired, host, lambda m=message: host.process(m, NOW))  # type: ignore[misc]
    unknown = _sent(guest, ProposalOrRef(ref=b"r" * 64))
    refused(errors.ProposalUnknown, host, lambda: host.process(unknown, NOW))


def test_updates_that_are_not_valid() -> None:
    host, guest = group_of(83, 2)
    old = guest.state.tree.leaf(1)
    same = replace(old, source=Source.UPDATE, lifetime=None).sign(KIND, guest.state.signer, guest.group_id, 1)
    refused(
        errors.EncryptionKeyNotFresh, guest, lambda: propose(guest.state, Update(same), R, NOW, "private")
    )
    elsewhere = replace(same, encryption_key=KIND.derive_key_pair(R(64))[1])
    for group_id, leaf in ((b"another", 1), (guest.group_id, 0)):
        bound = elsewhere.sign(KIND, guest.state.signer, group_id, leaf)
        with pytest.raises(errors.InvalidSignature):
            propose(guest.state, Update(bound), R, NOW, "private")
    with pytest.raises(errors.LeafSourceWrong):
        propose(guest.state, Update(old), R, NOW, "private")
    outsider = Sender(SenderType.EXTERNAL, 0)
    with pytest.raises(errors.WrongSender):
        check_proposal(host.state, Update(elsewhere), outsider, NOW, ())


def test_keys_that_a_welcome_names() -> None:
    assert check_welcome_psks([PSK.psk], 64) is None
    with pytest.raises(errors.PskRepeated):
        check_welcome_psks([PSK.psk, PSK.psk], 64)
    with pytest.raises(errors.PskMalformed):
        check_welcome_psks([PSK.psk], 32)


def test_a_welcome_of_another_suite() -> None:
    host = group_of(83, 2)[0]
    eva = person(KIND, "eva")
    body = MlsMessage.decode(host.commit(R, NOW, add=[eva.package]).welcome or b"").body
    assert isinstance(body, Welcome)
    with pytest.raises(errors.GroupInfoMismatch, match="suite"):
        join(MlsMessage(replace(body, suite=1)).encode(), eva)
    with pytest.raises(errors.UnsupportedSuite):
        join(MlsMessage(replace(body, suite=99)).encode(), eva)


def test_newcomers_from_outside_that_do_not_fit() -> None:
    """A joiner that does not name the suite; one that takes its older leaf's place without a fresh key."""
    policy = Policy(external_commits=True, external_resync=True)
    host, guest = group_of(83, 2, policy=policy)
    signer = SignatureKey.generate(KIND)
    with pytest.raises(errors.GroupInfoMismatch, match="suite"):
        Group.join_external(
            host.group_info(), signer, b"eva", R, NOW, policy=policy, capabilities=Capabilities(suites=(1,))
        )
    staged = Group.join_external(host.group_info(), signer, b"member 1", R, NOW, policy=policy, resync=True)
    body = MlsMessage.decode(staged.message).body
    assert isinstance(body, PublicMessage)
    commit = body.content.body
    assert isinstance(commit, Commit)
    assert commit.path is not None
    stale = replace(commit.path.leaf, encryption_key=guest.state.tree.leaf(1).encryption_key)
    path = replace(commit.path, leaf=stale.sign(KIND, signer.private, host.group_id, 1))
    content = replace(body.content, body=replace(commit, path=path))
    signature = sign_content(KIND, signer.private, WireFormat.PUBLIC, content, host.state.context)
    message = MlsMessage(PublicMessage(content, replace(body.auth, signature=signature))).encode()
    refused(errors.EncryptionKeyNotFresh, host, lambda: host.process(message, NOW))
