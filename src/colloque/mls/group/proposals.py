"""The proposals of one commit: gathered, checked against each other, and applied in the RFC's order (12.1, 12.2, 12.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from colloque.mls.errors import (
    AddsMember,
    EncryptionKeyNotFresh,
    ExtensionsRepeated,
    ExternalInitMisplaced,
    GroupFull,
    ProposalOfCommitter,
    ProposalsConflict,
    ProposalUnknown,
    PskMalformed,
    PskRepeated,
    PskUnknown,
    ReinitNotAlone,
    RemovesCommitter,
    WrongSender,
)
from colloque.mls.framing.content import Sender, SenderType
from colloque.mls.group.leaves import check_credentials, check_extensions, check_source, check_supports
from colloque.mls.group.state import PastSecrets, State
from colloque.mls.messages.extension import Extensions
from colloque.mls.messages.leaf_node import Source
from colloque.mls.messages.proposal import (
    Add,
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    Proposal,
    ProposalOrRef,
    ReInit,
    Remove,
    Update,
)
from colloque.mls.messages.psk import PskId, PskType, Usage
from colloque.mls.tree.ratchet_tree import RatchetTree
from colloque.mls.tree.verify import verify_unique_keys


@dataclass(frozen=True, slots=True)
class Entry:
    proposal: Proposal
    sender: Sender
    ref: bytes = b""


def gather(state: State, items: Sequence[ProposalOrRef], committer: Sender) -> tuple[Entry, ...]:
    """By-value proposals are the committer's own; references are looked up among those that wait."""
    entries = []
    for item in items:
        if item.proposal is not None:
            entries.append(Entry(item.proposal, committer))
            continue
        message = state.pending.get(item.ref)
        if message is None or isinstance(message.content.body, bytes):
            raise ProposalUnknown
        entries.append(Entry(message.content.body, message.content.sender, item.ref))  # type: ignore[arg-type]
    return tuple(entries)


def needs_path(entries: Sequence[Entry]) -> bool:
    """RFC 9420 12.4: also where nothing is proposed at all."""
    light = (Add, PreSharedKey, ReInit)
    return not entries or any(not isinstance(e.proposal, light) for e in entries)


def check_proposal(state: State, proposal: Proposal, sender: Sender, now: int | None) -> None:
    """One proposal by itself (RFC 9420 12.1)."""
    by = sender.index if sender.type is SenderType.MEMBER else None
    match proposal:
        case Add(package=package):
            package.verify(now, state.suite.number)
            check_supports(package.leaf, state.context.extensions, by)
        case Update(leaf=leaf):
            if sender.type is not SenderType.MEMBER:
                raise WrongSender
            check_source(leaf, Source.UPDATE, by)
            leaf.verify(state.suite, state.context.group_id, sender.index)
            check_supports(leaf, state.context.extensions, by)
            state.suite.kem.load_public(leaf.encryption_key)
            if leaf.encryption_key == state.tree.leaf(sender.index).encryption_key:
                raise EncryptionKeyNotFresh(by=by)
        case Remove(removed=removed):
            state.tree.leaf(removed)
        case PreSharedKey(psk=psk):
            if len(psk.nonce) != state.suite.hash_bytes:
                raise PskMalformed(by=by)
            if psk.type is PskType.RESUMPTION and psk.usage != Usage.APPLICATION:
                raise PskMalformed(by=by)
        case _:
            pass


def check_together(state: State, entries: Sequence[Entry], committer: int) -> None:
    """The list of a regular commit as a whole (RFC 9420 12.2)."""
    touched: set[int] = set()
    psks: list[PskId] = []
    removed = {e.proposal.removed for e in entries if isinstance(e.proposal, Remove)}
    keys = {leaf.signature_key for at, leaf in state.tree.leaves() if at not in removed}
    extensions = 0
    for entry in entries:
        match entry.proposal:
            case Update():
                if entry.sender.index == committer:
                    raise ProposalOfCommitter(by=committer)
                _touch(touched, entry.sender.index, committer)
            case Remove(removed=leaf):
                if leaf == committer:
                    raise RemovesCommitter(by=committer)
                _touch(touched, leaf, committer)
            case Add(package=package):
                if package.signature_key in keys:
                    raise AddsMember(by=committer)
                keys.add(package.signature_key)
            case PreSharedKey(psk=psk):
                if psk in psks:
                    raise PskRepeated(by=committer)
                psks.append(psk)
            case GroupContextExtensions():
                extensions += 1
            case ReInit():
                if len(entries) > 1:
                    raise ReinitNotAlone(by=committer)
            case ExternalInit():
                raise ExternalInitMisplaced(by=committer)
    if extensions > 1:
        raise ExtensionsRepeated(by=committer)


def _touch(touched: set[int], leaf: int, committer: int) -> None:
    if leaf in touched:
        raise ProposalsConflict(by=committer)
    touched.add(leaf)


@dataclass(frozen=True, slots=True)
class Applied:
    """`added`: (leaf, the proposal's place among the entries)."""

    tree: RatchetTree
    extensions: Extensions
    added: tuple[tuple[int, Add], ...]
    removed: tuple[int, ...]
    updated: tuple[tuple[int, bytes], ...]
    psks: tuple[PskId, ...] = field(default=())


def apply(state: State, entries: Sequence[Entry]) -> Applied:
    """Extensions, updates, removals, additions, in this order (RFC 9420 12.3); then the tree is checked as a whole."""
    proposals = [entry.proposal for entry in entries]
    extensions = state.context.extensions
    for proposal in proposals:
        if isinstance(proposal, GroupContextExtensions):
            extensions = proposal.extensions
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
    members = [leaf for _, leaf in tree.leaves()]
    if added and len(members) > state.policy.max_members:
        raise GroupFull
    if extensions is not state.context.extensions:
        check_extensions(members, extensions)
    if added or updated:
        check_credentials(members)
        verify_unique_keys(tree)
    psks = tuple(p.psk for p in proposals if isinstance(p, PreSharedKey))
    return Applied(tree, extensions, tuple(added), tuple(removed), tuple(updated), psks)


def find_psks(
    state: State, wanted: Sequence[PskId], external: Mapping[bytes, bytes]
) -> list[tuple[PskId, bytes]]:
    """The secrets of the pre-shared keys of a commit; raises `PskUnknown`."""
    found = []
    for psk in wanted:
        secret: bytes | None
        if psk.type is PskType.EXTERNAL:
            secret = external.get(psk.id)
        elif psk.group_id == state.context.group_id:
            secret = _resumption(state, psk.epoch)
        else:
            secret = None
        if secret is None:
            raise PskUnknown
        found.append((psk, secret))
    return found


def _resumption(state: State, epoch: int) -> bytes | None:
    if epoch == state.context.epoch:
        return state.secrets.resumption_psk
    past = next((p for p in state.past if p.epoch == epoch), None)
    return None if past is None else PastSecrets.decode(past.stored).resumption_psk
