"""A state to bytes and back, versioned (`spec/mls.md` M6). The bytes hold secrets: they belong in an encrypted store."""

from __future__ import annotations

from colloque.mls.codec import Reader, ascending, optional, u8, u16, u32, u64, vector
from colloque.mls.crypto.suite import suite
from colloque.mls.errors import MlsError, StateInvalid
from colloque.mls.framing.content import AuthenticatedContent, ContentType
from colloque.mls.group.policy import Policy
from colloque.mls.group.state import PastEpoch, State
from colloque.mls.messages.proposal import ReInit, read_proposal
from colloque.mls.messages.welcome import GroupContext
from colloque.mls.schedule.key_schedule import EpochSecrets
from colloque.mls.schedule.secret_tree import SecretTree
from colloque.mls.tree.ratchet_tree import RatchetTree
from colloque.mls.tree.treekem import PrivateTree

VERSION = 2


def encode_state(state: State) -> bytes:
    keys = b"".join(u32(at) + vector(key) for at, key in sorted(state.private.keys.items()))
    pending = b"".join(vector(ref) + vector(m.encode()) for ref, m in sorted(state.pending.items()))
    updates = b"".join(vector(ref) + vector(key) for ref, key in sorted(state.updates.items()))
    past = b"".join(u64(p.epoch) + vector(p.stored) for p in state.past)
    return b"".join(
        (
            u8(VERSION),
            u16(state.suite.number),
            vector(state.context.encode()),
            vector(state.interim_hash),
            vector(state.tree.encode()),
            u32(state.private.own),
            vector(keys),
            state.secrets.encode(),
            # MUST 6.3.1-2
            state.secret_tree.encode(),
            vector(state.signer),
            state.policy.encode(),
            vector(pending),
            vector(updates),
            vector(past),
            optional(state.reinit),
        )
    )


def decode_state(data: bytes) -> State:
    """Raises `StateInvalid`."""
    try:
        return _decode(data)
    except MlsError:
        raise StateInvalid from None


def _decode(data: bytes) -> State:
    source = Reader(data)
    if source.uint(1) != VERSION:
        raise StateInvalid
    kind = suite(source.uint(2))
    context = GroupContext.decode(source.opaque())
    if context.suite != kind.number:
        raise StateInvalid
    interim = source.opaque()
    tree = RatchetTree.decode(kind, source.opaque())
    own = source.uint(4)
    keys = source.vector(lambda r: (r.uint(4), r.opaque()))
    secrets, secret_tree = EpochSecrets.read(source), SecretTree.read(source)
    signer, policy = source.opaque(), Policy.read(source)
    pending = source.vector(lambda r: (r.opaque(), AuthenticatedContent.decode(r.opaque())))
    updates = source.vector(lambda r: (r.opaque(), r.opaque()))
    past = source.vector(lambda r: PastEpoch(r.uint(8), r.opaque()))
    reinit = source.optional(_reinit)
    source.end()
    if not all(ascending(at for at, _ in pairs) for pairs in (keys, pending, updates)):
        raise StateInvalid
    if not tree.has(own) or secret_tree.width != tree.width:
        raise StateInvalid
    if any(message.content.type is not ContentType.PROPOSAL for _, message in pending):
        raise StateInvalid
    return State(
        kind,
        context,
        interim,
        tree,
        PrivateTree(own, dict(keys)),
        secrets,
        secret_tree,
        signer,
        policy,
        dict(pending),
        dict(updates),
        past,
        reinit,
    )


def _reinit(source: Reader) -> ReInit:
    found = read_proposal(source)
    if not isinstance(found, ReInit):
        raise StateInvalid
    return found
