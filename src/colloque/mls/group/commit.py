"""Making a commit, and the Welcome for those it adds (RFC 9420 12.4.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from colloque.mls.errors import (
    ExtensionUnsupported,
    GroupReinitialized,
    NotAllowedByPolicy,
    PathRequired,
)
from colloque.mls.framing.content import ContentType, Sender, SenderType, WireFormat
from colloque.mls.framing.message import MlsMessage
from colloque.mls.group.advance import Advanced, Before, advance, entered, provisional
from colloque.mls.group.apply import Applied, apply
from colloque.mls.group.info import group_info
from colloque.mls.group.proposals import (
    check_proposal,
    check_together,
    extensions_after,
    gather,
    needs_path,
)
from colloque.mls.group.psks import PskStore
from colloque.mls.group.sealing import content_of, seal, signed
from colloque.mls.group.state import Random, State
from colloque.mls.messages.commit import Commit, HpkeCiphertext
from colloque.mls.messages.extension import Extensions
from colloque.mls.messages.grease import VALUES
from colloque.mls.messages.proposal import GroupContextExtensions, Proposal, ProposalOrRef
from colloque.mls.messages.psk import PskId
from colloque.mls.messages.welcome import EncryptedGroupSecrets, GroupSecrets, PathSecret, Welcome
from colloque.mls.schedule.key_schedule import welcome_key
from colloque.mls.tree import math
from colloque.mls.tree.treekem import NewPath, make_path, seal_path


@dataclass(frozen=True, slots=True)
class Made:
    """`state`: in the next epoch. Keep it to have committed; keep the old one to have dropped the commit."""

    state: State = field(repr=False)
    message: bytes = field(repr=False)
    welcome: bytes | None = field(default=None, repr=False)
    ratchet_tree: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Order:
    """What a commit is to contain, and how it is to travel. `linking`: it ties a new group to the one it follows from."""

    proposals: Sequence[Proposal] = ()
    references: Sequence[bytes] = ()
    path: bool = True
    authenticated_data: bytes = b""
    tree_in_welcome: bool = True
    wire: WireFormat = WireFormat.PRIVATE
    info_extensions: Extensions = ()
    linking: bool = False


def make_commit(state: State, order: Order, store: PskStore, random: Random, now: int | None) -> Made:
    suite = state.suite
    if state.reinit is not None:
        raise GroupReinitialized
    if state.policy.committer_signature_key not in (None, state.tree.leaf(state.own).signature_key):
        raise NotAllowedByPolicy("only one member commits here")
    items = (*(ProposalOrRef(ref=r) for r in order.references), *(ProposalOrRef(p) for p in order.proposals))
    applied, required = _applied(state, items, order, now)
    # MUST 12.4.1-1
    if not order.path and required:
        raise PathRequired
    path: NewPath | None = None
    tree, private, commit_secret = applied.tree, state.private.pruned(applied.tree), bytes(suite.hash_bytes)
    update_path = None
    if order.path:
        path = make_path(applied.tree, state.own, state.signer, state.context.group_id, random)
        tree, private, commit_secret = path.tree, path.private, path.commit_secret
    context = provisional(state.context, tree, applied.extensions)
    if path is not None:
        update_path = seal_path(path, applied.tree, context.encode(), applied.newcomers)
    content = content_of(state, ContentType.COMMIT, Commit(items, update_path), order.authenticated_data)
    message = signed(state, order.wire, content)
    found = PskStore(store.external, (state, *store.groups)).find(applied.psks)
    before = Before(suite, state.interim_hash, state.secrets.init)
    advanced = advance(before, context, message, commit_secret, found)
    message = replace(message, auth=replace(message.auth, confirmation_tag=advanced.tag))
    sent, data = seal(state, message, random)
    # MUST 14-2
    after = entered(sent, advanced, tree, private, applied.reinit)
    if not applied.added:
        return Made(after, data)
    # MUST 8.4-1, 12.4.1-2
    welcome = _welcome(after, advanced, applied, path, [ident for ident, _ in found], order)
    return Made(after, data, welcome, None if order.tree_in_welcome else tree.encode())


def _applied(
    state: State, items: Sequence[ProposalOrRef], order: Order, now: int | None
) -> tuple[Applied, bool]:
    """The proposals checked and applied; and whether they need a path."""
    entries = gather(state, items, Sender(SenderType.MEMBER, state.own))
    extensions = extensions_after(state, entries)
    for entry in entries:
        check_proposal(state, entry.proposal, entry.sender, now, extensions, linking=order.linking)
        sent = entry.proposal.extensions if isinstance(entry.proposal, GroupContextExtensions) else ()
        # MUST 13.5-1
        if any(extension.type in VALUES for extension in sent):
            raise ExtensionUnsupported("GREASE in a group's context")
    # MUST 12.2-1, 12.4-2
    check_together(state, entries, state.own)
    return apply(state, entries, extensions), needs_path(entries)


def _welcome(
    state: State,
    advanced: Advanced,
    applied: Applied,
    path: NewPath | None,
    psks: Sequence[PskId],
    order: Order,
) -> bytes:
    suite = state.suite
    key, nonce = welcome_key(suite, advanced.epoch.welcome)
    info = group_info(state, tree=order.tree_in_welcome, external=False, extensions=order.info_extensions)
    sealed_info = suite.seal(key, nonce, b"", info.encode())
    sealed = []
    # MUST 12.4.1-3
    for leaf, add in applied.added:
        secret = None
        if path is not None:
            above = math.common_ancestor(2 * leaf, 2 * state.own)
            secret = PathSecret(path.secrets[above])
        secrets = GroupSecrets(advanced.epoch.joiner, secret, tuple(psks))
        output = suite.encrypt_with_label(add.package.init_key, "Welcome", sealed_info, secrets.encode())
        sealed.append(EncryptedGroupSecrets(add.package.ref, HpkeCiphertext(*output)))
    return MlsMessage(Welcome(suite.number, tuple(sealed), sealed_info)).encode()
