"""Making a commit, and the Welcome for those it adds (RFC 9420 12.4.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from colloque.mls.errors import NotAllowedByPolicy, PathRequired, ProposalUnknown
from colloque.mls.framing.content import ContentType, Sender, SenderType, WireFormat
from colloque.mls.framing.message import MlsMessage
from colloque.mls.group.advance import Advanced, advance, entered, provisional
from colloque.mls.group.proposals import (
    Applied,
    Entry,
    apply,
    check_proposal,
    check_together,
    find_psks,
    gather,
    needs_path,
)
from colloque.mls.group.sealing import content_of, seal, signed
from colloque.mls.group.state import Random, State
from colloque.mls.messages.commit import Commit, HpkeCiphertext
from colloque.mls.messages.extension import RATCHET_TREE, Extension
from colloque.mls.messages.proposal import Proposal, ProposalOrRef
from colloque.mls.messages.psk import PskId, psk_secret
from colloque.mls.messages.welcome import EncryptedGroupSecrets, GroupInfo, GroupSecrets, PathSecret, Welcome
from colloque.mls.schedule.key_schedule import welcome_key
from colloque.mls.tree import math
from colloque.mls.tree.ratchet_tree import RatchetTree
from colloque.mls.tree.treekem import NewPath, make_path, seal_path


@dataclass(frozen=True, slots=True)
class Made:
    """`state`: in the next epoch. Keep it to have committed; keep the old one to have dropped the commit."""

    state: State = field(repr=False)
    message: bytes = field(repr=False)
    welcome: bytes | None = field(repr=False)
    ratchet_tree: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Order:
    """What a commit is to contain, and how it is to travel."""

    proposals: Sequence[Proposal] = ()
    references: Sequence[bytes] = ()
    path: bool = True
    authenticated_data: bytes = b""
    tree_in_welcome: bool = True
    wire: WireFormat = WireFormat.PRIVATE


def make_commit(
    state: State, order: Order, psks: Mapping[bytes, bytes], random: Random, now: int | None
) -> Made:
    suite = state.suite
    own_key = state.tree.leaf(state.own).signature_key
    if state.policy.committer_signature_key not in (None, own_key):
        raise NotAllowedByPolicy("only one member commits here")
    if any(ref not in state.pending for ref in order.references):
        raise ProposalUnknown
    items = (*(ProposalOrRef(ref=r) for r in order.references), *(ProposalOrRef(p) for p in order.proposals))
    entries = gather(state, items, Sender(SenderType.MEMBER, state.own))
    _check(state, entries, now)
    applied = apply(state, entries)
    newcomers = frozenset(leaf for leaf, _ in applied.added)
    if not order.path and needs_path(entries):
        raise PathRequired
    path: NewPath | None = None
    tree, private, commit_secret = applied.tree, state.private.pruned(applied.tree), bytes(suite.hash_bytes)
    update_path = None
    if order.path:
        path = make_path(applied.tree, state.own, state.signer, state.context.group_id, random)
        tree, private, commit_secret = path.tree, path.private, path.commit_secret
    context = provisional(state, tree, applied.extensions)
    if path is not None:
        update_path = seal_path(path, applied.tree, context.encode(), newcomers)
    content = content_of(state, ContentType.COMMIT, Commit(items, update_path), order.authenticated_data)
    message = signed(state, order.wire, content)
    found = find_psks(state, applied.psks, psks)
    advanced = advance(state, context, message, commit_secret, psk_secret(suite, found))
    message = replace(message, auth=replace(message.auth, confirmation_tag=advanced.tag))
    sent, data = seal(state, message, random)
    after = entered(sent, advanced, tree, private)
    welcome = _welcome(after, advanced, applied, path, found, tree if order.tree_in_welcome else None)
    return Made(after, data, welcome, None if order.tree_in_welcome or welcome is None else tree.encode())


def _check(state: State, entries: Sequence[Entry], now: int | None) -> None:
    for entry in entries:
        check_proposal(state, entry.proposal, entry.sender, now)
    check_together(state, entries, state.own)


def group_info(state: State, tag: bytes, tree: RatchetTree | None) -> GroupInfo:
    extensions = () if tree is None else (Extension(RATCHET_TREE, tree.encode()),)
    return GroupInfo(state.context, extensions, tag, state.own).sign(state.suite, state.signer)


def _welcome(
    state: State,
    advanced: Advanced,
    applied: Applied,
    path: NewPath | None,
    psks: Sequence[tuple[PskId, bytes]],
    tree: RatchetTree | None,
) -> bytes | None:
    if not applied.added:
        return None
    suite = state.suite
    key, nonce = welcome_key(suite, advanced.epoch.welcome)
    sealed_info = suite.seal(key, nonce, b"", group_info(state, advanced.tag, tree).encode())
    sealed = []
    for leaf, add in applied.added:
        secret = None
        if path is not None:
            above = math.common_ancestor(2 * leaf, 2 * state.own)
            secret = PathSecret(path.secrets[above])
        secrets = GroupSecrets(advanced.epoch.joiner, secret, tuple(ident for ident, _ in psks))
        output = suite.encrypt_with_label(add.package.init_key, "Welcome", sealed_info, secrets.encode())
        sealed.append(EncryptedGroupSecrets(add.package.ref, HpkeCiphertext(*output)))
    return MlsMessage(Welcome(suite.number, tuple(sealed), sealed_info)).encode()
