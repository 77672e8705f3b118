"""The proposals of one commit: gathered, checked one by one, and against each other (RFC 9420 12.1, 12.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from colloque.mls.errors import (
    AddsMember,
    EncryptionKeyNotFresh,
    ExtensionsRepeated,
    ExternalCommitByReference,
    ExternalCommitInvalid,
    ExternalInitMisplaced,
    NotAllowedByPolicy,
    ProposalOfCommitter,
    ProposalsConflict,
    ProposalUnknown,
    PskMalformed,
    PskRepeated,
    ReinitDowngrade,
    ReinitNotAlone,
    RemovesCommitter,
    WrongSender,
)
from colloque.mls.framing.content import MLS10, Sender, SenderType
from colloque.mls.group.leaves import check_source, check_supports
from colloque.mls.group.psks import is_link
from colloque.mls.group.state import State
from colloque.mls.messages.commit import Commit
from colloque.mls.messages.extension import Extensions
from colloque.mls.messages.external import read_external_senders
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
from colloque.mls.messages.psk import PskId


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
        # MUST 12.4.3.2-2
        if committer.type is SenderType.NEW_MEMBER_COMMIT:
            raise ExternalCommitByReference
        message = state.pending.get(item.ref)
        if message is None:
            raise ProposalUnknown
        body = message.content.body
        assert not isinstance(body, bytes | Commit), "only proposals wait"
        entries.append(Entry(body, message.content.sender, item.ref))
    return tuple(entries)


def needs_path(entries: Sequence[Entry]) -> bool:
    """RFC 9420 12.4: also where nothing is proposed at all."""
    # MUST 12.4-3
    light = (Add, PreSharedKey, ReInit)
    return not entries or any(not isinstance(e.proposal, light) for e in entries)


def extensions_after(state: State, entries: Sequence[Entry]) -> Extensions:
    """The group's extensions once the commit is applied: the other proposals are held against these (12.3)."""
    # MUST 12.3-2
    changed = [e.proposal.extensions for e in entries if isinstance(e.proposal, GroupContextExtensions)]
    return changed[-1] if changed else state.context.extensions


def check_proposal(
    state: State,
    proposal: Proposal,
    sender: Sender,
    now: int | None,
    extensions: Extensions,
    *,
    linking: bool = False,
) -> None:
    """One proposal by itself (12.1). `linking`: in the first commit of a group that takes another's place, or branches."""
    by = sender.index if sender.type is SenderType.MEMBER else None
    match proposal:
        case Add(package=package):
            package.verify(now, state.suite.number, state.policy.max_lifetime)
            check_supports(package.leaf, extensions, by)
        case Update(leaf=leaf):
            if sender.type is not SenderType.MEMBER:
                raise WrongSender
            check_source(leaf, Source.UPDATE, by)
            leaf.verify(state.suite, state.context.group_id, sender.index)
            check_supports(leaf, extensions, by)
            state.suite.kem.load_public(leaf.encryption_key)
            if leaf.encryption_key == state.tree.leaf(sender.index).encryption_key:
                raise EncryptionKeyNotFresh(by=by)
        case Remove(removed=removed):
            state.tree.leaf(removed)
        case PreSharedKey(psk=psk):
            # MUST 8.4-2, 11.2-3, 11.3-3
            if len(psk.nonce) != state.suite.hash_bytes or (is_link(psk) and not linking):
                raise PskMalformed(by=by)
        case GroupContextExtensions(extensions=new):
            read_external_senders(new)
        case ReInit(version=version):
            if not state.policy.reinit:
                raise NotAllowedByPolicy("a reinit", by=by)
            if version < MLS10:
                raise ReinitDowngrade(by=by)
        case _:
            pass


def check_together(state: State, entries: Sequence[Entry], committer: int) -> None:
    """The list of a regular commit as a whole (12.2)."""
    touched: set[int] = set()
    psks: set[PskId] = set()
    removed = {e.proposal.removed for e in entries if isinstance(e.proposal, Remove)}
    keys: set[bytes] = set()
    if any(isinstance(e.proposal, Add) for e in entries):
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
                psks.add(psk)
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


def check_external(entries: Sequence[Entry]) -> tuple[ExternalInit, int | None]:
    """The list of an external commit (12.2); its init, and the leaf that it removes."""
    inits = [e.proposal for e in entries if isinstance(e.proposal, ExternalInit)]
    removed = [e.proposal.removed for e in entries if isinstance(e.proposal, Remove)]
    psks = [e.proposal.psk for e in entries if isinstance(e.proposal, PreSharedKey)]
    if len(inits) != 1:
        raise ExternalInitMisplaced
    if len(removed) > 1 or len(inits) + len(removed) + len(psks) != len(entries):
        raise ExternalCommitInvalid
    if len(set(psks)) != len(psks):
        raise PskRepeated
    return inits[0], removed[0] if removed else None
