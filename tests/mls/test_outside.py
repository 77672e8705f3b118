"""From outside the group: external commits and proposals, refused by default (`spec/mls.md` M4; RFC 9420 12.1.8, 12.4.3.2)."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from colloque.mls import errors
from colloque.mls.api import (
    SUPPORTED,
    Add,
    Application,
    BasicCredential,
    Committed,
    Extension,
    ExternalSender,
    Group,
    Outsider,
    Policy,
    Proposed,
    Psk,
    Remove,
    SignatureKey,
    external_senders,
    propose_outside,
    suite,
)
from colloque.mls.framing.content import (
    Auth,
    ContentType,
    FramedContent,
    Sender,
    SenderType,
    WireFormat,
    sign_content,
)
from colloque.mls.framing.message import MlsMessage
from colloque.mls.framing.public_message import PublicMessage
from colloque.mls.messages.commit import Commit
from colloque.mls.messages.proposal import (
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    Proposal,
    ProposalOrRef,
    ReInit,
    Update,
)
from colloque.mls.messages.psk import PskId, PskType
from colloque.mls.messages.welcome import GroupInfo
from tests.mls.people import NOW, agree, committed, founder, group_of, join, person
from tests.mls.test_refusals import refused

R = os.urandom
KIND = suite(83)
OPEN = Policy(external_commits=True, external_resync=True, external_proposals=True, newcomer_proposals=True)
CASES = pytest.mark.parametrize("number", SUPPORTED)


def entered(group: Group, message: bytes, **psks: bytes) -> Committed:
    event = group.process(message, NOW, psks={k.encode(): v for k, v in psks.items()})
    assert isinstance(event, Committed)
    return event


@CASES
@pytest.mark.parametrize("count", [1, 3, 4])
def test_a_newcomer_enters_by_itself(number: int, count: int) -> None:
    """8.3, 12.4.3.2: at the leftmost free leaf, the tree extended where it is full; then everybody goes on together."""
    # MUST 12.4.3.2-4, 12.4.3.2-5
    kind = suite(number)
    groups = group_of(number, count, policy=OPEN)
    signer = SignatureKey.generate(kind)
    info = groups[0].group_info()
    staged = Group.join_external(info, signer, b"eva", R, NOW, policy=OPEN, authenticated_data=b"here I am")
    events = [entered(g, staged.message) for g in groups]
    for event in events:
        assert event.sender == event.added[0]
        assert (event.sender.leaf_index, event.sender.identity) == (count, b"eva")
        assert event.sender.signature_key == signer.public
        assert event.authenticated_data == b"here I am"
    groups = [*(e.group for e in events), staged.group]
    agree(groups)
    groups[-1], message = groups[-1].protect(b"bonjour", R)
    said = groups[0].process(message, NOW)
    assert isinstance(said, Application)
    assert said.sender.identity == b"eva"
    for committer in (count, 0):
        made = groups[committer].commit(R, NOW)
        groups = [made.group if n == committer else committed(g, made.message) for n, g in enumerate(groups)]
        agree(groups)


def test_into_a_gap_with_a_key_and_the_tree_apart() -> None:
    groups = group_of(83, 5, policy=OPEN)
    made = groups[0].commit(R, NOW, remove=[2])
    rest = [made.group, *(committed(groups[n], made.message) for n in (1, 3, 4))]
    info, tree = rest[1].group_info(tree=False), rest[1].state.tree.encode()
    signer = SignatureKey.generate(KIND)
    with pytest.raises(errors.TreeMissing):
        Group.join_external(info, signer, b"eva", R, NOW, policy=OPEN)
    staged = Group.join_external(
        info, signer, b"eva", R, NOW, policy=OPEN, ratchet_tree=tree, psks=[Psk(b"k", b"secret")]
    )
    refused(errors.PskUnknown, rest[0], lambda: rest[0].process(staged.message, NOW))
    agree([*(entered(g, staged.message, k=b"secret").group for g in rest), staged.group])
    assert staged.group.own_leaf == 2


def test_one_replaces_its_older_leaf() -> None:
    """Resync: with the same credential, new keys, and the signature key that it had or another."""
    for same_key in (True, False):
        groups = group_of(83, 3, policy=OPEN)
        lost = groups[1]
        signer = SignatureKey.from_bytes(KIND, lost.state.signer)
        if not same_key:
            signer = SignatureKey.generate(KIND)
        staged = Group.join_external(
            groups[0].group_info(),
            signer,
            b"member 1",
            R,
            NOW,
            policy=OPEN,
            resync=True,
            groups=[lost],
        )
        event = entered(groups[0], staged.message)
        assert [m.leaf_index for m in event.removed] == [1]
        assert event.sender.leaf_index == 1
        agree([event.group, entered(groups[2], staged.message).group, staged.group])
        assert entered(lost, staged.message).self_removed
        strict = groups[0].with_policy(replace(OPEN, external_resync=False))
        refused(errors.NotAllowedByPolicy, strict, partial(strict.process, staged.message, NOW))


def test_everything_from_outside_is_refused_by_default() -> None:
    host, guest = group_of(83, 2)
    refused(errors.NotAllowedByPolicy, host, lambda: host.group_info())
    loose = host.with_policy(OPEN)
    eva = person(KIND, "eva")
    staged = Group.join_external(loose.group_info(), eva.signer, b"eva", R, NOW)
    refused(errors.NotAllowedByPolicy, guest, lambda: guest.process(staged.message, NOW))
    asks = propose_outside(83, host.group_id, host.epoch, Add(eva.package), eva.signer.private, None)
    refused(errors.NotAllowedByPolicy, guest, lambda: guest.process(asks, NOW))
    named = propose_outside(83, host.group_id, host.epoch, Remove(1), eva.signer.private, 0)
    refused(errors.NotAllowedByPolicy, guest, lambda: guest.process(named, NOW))
    one = replace(OPEN, committer_signature_key=host.signature_key(0))
    under_one = guest.with_policy(one)
    refused(errors.NotAllowedByPolicy, under_one, lambda: under_one.process(staged.message, NOW))
    full = guest.with_policy(replace(OPEN, max_members=2))
    refused(errors.GroupFull, full, lambda: full.process(staged.message, NOW))


def _info(group: Group) -> GroupInfo:
    info = MlsMessage.decode(group.group_info()).body
    assert isinstance(info, GroupInfo)
    return info


def _forged(
    group: Group, change: Callable[[Commit], Commit], signer: SignatureKey | None = None, resync: bool = False
) -> bytes:
    """An external commit with other contents, signed by its author as it should be; its tag is not looked at so early."""
    author = SignatureKey.generate(KIND)
    good = Group.join_external(
        group.group_info(), author, b"member 1" if resync else b"eva", R, NOW, policy=OPEN, resync=resync
    )
    body = MlsMessage.decode(good.message).body
    assert isinstance(body, PublicMessage)
    assert isinstance(body.content.body, Commit)
    content = replace(body.content, body=change(body.content.body))
    key = (signer or author).private
    signature = sign_content(KIND, key, WireFormat.PUBLIC, content, group.state.context)
    return MlsMessage(PublicMessage(content, replace(body.auth, signature=signature))).encode()


def _with(*proposals: Proposal) -> Callable[[Commit], Commit]:
    return lambda c: replace(c, proposals=(*c.proposals, *(ProposalOrRef(p) for p in proposals)))


def test_external_commits_that_are_not_valid() -> None:
    """12.2, 12.4.3.2."""
    # MUST 12.2-1, 12.2-2, 12.4.3.2-1, 12.4.3.2-2, 12.4.3.2-3
    group = group_of(83, 3, policy=OPEN)[0]
    eva = person(KIND, "eva")
    psk = PreSharedKey(PskId(PskType.EXTERNAL, b"n" * 64, b"k"))
    wrong: list[tuple[type[errors.MlsError], Callable[[Commit], Commit]]] = [
        (errors.ExternalInitMisplaced, lambda c: replace(c, proposals=())),
        (errors.ExternalInitMisplaced, _with(ExternalInit(b"x" * 1120))),
        (errors.ExternalCommitInvalid, _with(Add(eva.package))),
        (errors.ExternalCommitInvalid, _with(GroupContextExtensions(()))),
        (errors.ExternalCommitInvalid, _with(ReInit(b"g", 1, 83, ()))),
        (errors.ExternalCommitInvalid, _with(Remove(1), Remove(2))),
        (errors.PskRepeated, _with(psk, psk)),
        (errors.PskMalformed, _with(PreSharedKey(replace(psk.psk, nonce=b"short")))),
        (errors.NoSuchLeaf, _with(Remove(9))),
        (errors.ResyncMismatch, _with(Remove(2))),
        (errors.PathRequired, lambda c: replace(c, path=None)),
        (
            errors.ExternalCommitByReference,
            lambda c: replace(c, proposals=(*c.proposals, ProposalOrRef(ref=b"r" * 64))),
        ),
    ]
    for error, change in wrong:
        message = _forged(group, change)
        refused(error, group, partial(group.process, message, NOW))
    other = _forged(group, lambda c: c, signer=SignatureKey.generate(KIND))
    refused(errors.InvalidSignature, group, lambda: group.process(other, NOW))
    entered(group, _forged(group, lambda c: c))
    output = _forged(group, lambda c: replace(c, proposals=(ProposalOrRef(ExternalInit(b"x" * 1120)),)))
    refused(errors.ConfirmationTagMismatch, group, lambda: group.process(output, NOW))


def test_an_external_init_does_not_belong_into_a_members_commit() -> None:
    host, guest = group_of(83, 2, policy=OPEN)
    order = [ExternalInit(b"x" * 1120)]
    content = FramedContent(
        host.group_id,
        host.epoch,
        Sender(SenderType.MEMBER, 0),
        b"",
        ContentType.COMMIT,
        Commit(tuple(ProposalOrRef(p) for p in order)),
    )
    signature = sign_content(KIND, host.state.signer, WireFormat.PUBLIC, content, host.state.context)
    auth = Auth(signature, b"t" * 64)
    tag = host.state.secrets.membership_key
    plain = PublicMessage(content, auth)
    public = PublicMessage.protect(KIND, plain.authenticated(), tag, host.state.context)
    refused(errors.ExternalInitMisplaced, guest, lambda: guest.process(MlsMessage(public).encode(), NOW))


def test_group_infos_that_do_not_fit() -> None:
    # MUST 12.4.3-3, 12.4.3-4, 12.4.3.3-2
    host, _ = group_of(83, 2, policy=OPEN)
    eva = SignatureKey.generate(KIND)

    def enter(info: GroupInfo | bytes, **more: object) -> Group:
        data = info if isinstance(info, bytes) else MlsMessage(info).encode()
        return Group.join_external(data, eva, b"eva", R, NOW, policy=OPEN, **more).group  # type: ignore[arg-type]

    with pytest.raises(errors.ExternalPubMissing):
        enter(host.group_info(external=False))
    info = _info(host)
    with pytest.raises(errors.InvalidSignature):
        enter(replace(info, confirmation_tag=b"t" * 64))
    with pytest.raises(errors.NoSuchLeaf):
        enter(replace(info, signer=7))
    with pytest.raises(errors.GroupInfoMismatch):
        enter(host.commit(R, NOW, add=[person(KIND, "x").package]).welcome or b"")
    with pytest.raises(errors.NotInTree):
        enter(info, resync=True)
    with pytest.raises(errors.GroupIdTaken):
        enter(info, groups=[host])
    with pytest.raises(errors.TreeHashMismatch):
        other = group_of(83, 2)[0].state
        changed = replace(info, context=replace(info.context, tree_hash=b"h" * 64))
        enter(changed.sign(KIND, host.state.signer))
        assert other
    twin = SignatureKey.from_bytes(KIND, host.state.signer)
    with pytest.raises(errors.DuplicateSignatureKey):
        Group.join_external(host.group_info(), twin, b"twin", R, NOW, policy=OPEN)
    with pytest.raises(errors.NotAllowedByPolicy):
        policy = replace(OPEN, committer_signature_key=b"k" * 32)
        Group.join_external(host.group_info(), eva, b"eva", R, NOW, policy=policy)
    later = host.commit(R, NOW).group
    stale = Group.join_external(host.group_info(), eva, b"eva", R, NOW, policy=OPEN)
    refused(errors.WrongEpoch, later, lambda: later.process(stale.message, NOW))


def _sender_group() -> tuple[Group, Group, SignatureKey]:
    """Two members of a group whose context names one sender outside, the second of a list."""
    service = SignatureKey.generate(KIND)
    names = [
        ExternalSender(b"other", BasicCredential(b"x")),
        ExternalSender(service.public, BasicCredential(b"desk")),
    ]
    staged = founder(KIND, policy=OPEN).commit(R, NOW, group_context_extensions=(external_senders(names),))
    bruno = person(KIND, "bruno")
    staged = staged.group.commit(R, NOW, add=[bruno.package])
    return staged.group, join(staged.welcome, bruno, policy=OPEN), service


def test_an_external_sender_proposes() -> None:
    """12.1.8: additions, removals, keys, extensions and reinits; members commit them."""
    host, guest, service = _sender_group()
    malformed = (Extension(5, b"\x01"),)
    refused(errors.DecodeError, host, lambda: host.commit(R, NOW, group_context_extensions=malformed))
    eva = person(KIND, "eva")
    proposals: list[Proposal] = [
        Add(eva.package),
        PreSharedKey(PskId(PskType.EXTERNAL, R(64), b"k")),
        GroupContextExtensions(host.state.context.extensions),
    ]
    for proposal in proposals:
        message = propose_outside(83, host.group_id, host.epoch, proposal, service.private, 1)
        told = [g.process(message, NOW) for g in (host, guest)]
        assert all(isinstance(t, Proposed) and t.proposal == proposal for t in told)
        assert all(isinstance(t, Proposed) and t.sender == Outsider(b"desk", service.public, 1) for t in told)
        host, guest = (Group.from_bytes(t.group.to_bytes()) for t in told)
    staged = host.commit(R, NOW, by_reference=host.pending(), known_psks={b"k": b"v"})
    agree([staged.group, committed(guest, staged.message, k=b"v"), join(staged.welcome, eva, k=b"v")])
    host, guest = staged.group, committed(guest, staged.message, k=b"v")
    message = propose_outside(83, host.group_id, host.epoch, Remove(1), service.private, 1)
    host, guest = host.process(message, NOW).group, guest.process(message, NOW).group
    event = entered(guest, host.commit(R, NOW, by_reference=host.pending()).message)
    assert event.self_removed


def test_external_proposals_that_are_not_valid() -> None:
    # MUST 6.1-2, 6.1-3, 6.1-4, 12.1.8-1, 12.1.8-2
    host, guest, service = _sender_group()

    def sent(proposal: Proposal, index: int | None, signer: SignatureKey = service) -> bytes:
        return propose_outside(83, host.group_id, host.epoch, proposal, signer.private, index)

    remove = Remove(1)
    for index, error in ((0, errors.CryptoError), (2, errors.ExternalSenderUnknown)):
        before = guest.to_bytes()
        with pytest.raises(error):
            guest.process(sent(remove, index), NOW)
        assert guest.to_bytes() == before
    refused(errors.NoSuchLeaf, guest, lambda: guest.process(sent(Remove(9), 1), NOW))
    stranger = SignatureKey.generate(KIND)
    refused(errors.InvalidSignature, guest, lambda: guest.process(sent(remove, 1, stranger), NOW))
    bare = group_of(83, 2, policy=OPEN)[0]
    message = propose_outside(83, bare.group_id, bare.epoch, remove, service.private, 0)
    refused(errors.ExternalSenderUnknown, bare, lambda: bare.process(message, NOW))
    for forbidden in (ExternalInit(b"x"), Update(host.state.tree.leaf(0))):
        with pytest.raises(errors.ExternalProposalForbidden):
            sent(forbidden, 1)
        refused(
            errors.ExternalProposalForbidden,
            guest,
            partial(guest.process, _outside(host, forbidden, Sender(SenderType.EXTERNAL, 1), service), NOW),
        )
    with pytest.raises(errors.ExternalProposalForbidden):
        sent(remove, None)
    newcomer = Sender(SenderType.NEW_MEMBER_PROPOSAL)
    refused(
        errors.ExternalProposalForbidden,
        guest,
        lambda: guest.process(_outside(host, remove, newcomer, service), NOW),
    )
    refused(
        errors.WrongSender,
        guest,
        lambda: guest.process(_outside(host, Commit(()), newcomer, service), NOW),
    )
    refused(
        errors.WrongSender,
        guest,
        lambda: guest.process(_outside(host, remove, Sender(SenderType.NEW_MEMBER_COMMIT), service), NOW),
    )
    eva = person(KIND, "eva")
    forged = propose_outside(83, host.group_id, host.epoch, Add(eva.package), stranger.private, None)
    refused(errors.InvalidSignature, guest, lambda: guest.process(forged, NOW))


def _outside(group: Group, body: Proposal | Commit, sender: Sender, signer: SignatureKey) -> bytes:
    kind = ContentType.COMMIT if isinstance(body, Commit) else ContentType.PROPOSAL
    content = FramedContent(group.group_id, group.epoch, sender, b"", kind, body)
    signature = sign_content(KIND, signer.private, WireFormat.PUBLIC, content, None)
    return MlsMessage(PublicMessage(content, Auth(signature))).encode()


def test_a_newcomer_asks_to_be_added() -> None:
    host, guest = group_of(83, 2, policy=OPEN)
    eva = person(KIND, "eva")
    asks = propose_outside(83, host.group_id, host.epoch, Add(eva.package), eva.signer.private, None)
    told = host.process(asks, NOW)
    assert isinstance(told, Proposed)
    assert told.sender == Outsider(b"eva", eva.signer.public)
    refused(errors.CommitPending, told.group, lambda: told.group.protect(b"x", R))
    guest = guest.process(asks, NOW).group
    staged = told.group.commit(R, NOW, by_reference=told.group.pending())
    agree([staged.group, committed(guest, staged.message), join(staged.welcome, eva)])
