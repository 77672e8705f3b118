"""Between authenticated content and the bytes of a message, with the ratchets moved on (RFC 9420 6.2, 6.3)."""

from __future__ import annotations

from dataclasses import replace

from colloque.mls.errors import (
    FutureEpoch,
    InvalidSignature,
    NoSuchLeaf,
    OwnMessage,
    PastEpochForgotten,
    UnknownGroup,
    WrongEpoch,
)
from colloque.mls.framing.content import (
    Auth,
    AuthenticatedContent,
    Body,
    ContentType,
    FramedContent,
    Sender,
    SenderType,
    WireFormat,
    encode_body,
    sign_content,
)
from colloque.mls.framing.message import MlsMessage
from colloque.mls.framing.private_message import PrivateMessage, SenderData, seal_private
from colloque.mls.framing.public_message import PublicMessage
from colloque.mls.group.state import Member, PastEpoch, PastSecrets, Random, State, member
from colloque.mls.messages.welcome import GroupContext
from colloque.mls.schedule.secret_tree import APPLICATION, HANDSHAKE, SecretTree


def content_of(state: State, kind: ContentType, body: Body, authenticated_data: bytes) -> FramedContent:
    sender = Sender(SenderType.MEMBER, state.own)
    return FramedContent(state.context.group_id, state.context.epoch, sender, authenticated_data, kind, body)


def signed(state: State, wire: WireFormat, content: FramedContent) -> AuthenticatedContent:
    # MUST 6.1-1
    signature = sign_content(state.suite, state.signer, wire, content, state.context)
    return AuthenticatedContent(wire, content, Auth(signature))


def seal(
    state: State, message: AuthenticatedContent, random: Random, padding_to: int = 0
) -> tuple[State, bytes]:
    """The message's bytes, and the state with its key used up. `padding_to`: the content's length at least, in bytes."""
    if message.wire is WireFormat.PUBLIC:
        public = PublicMessage.protect(state.suite, message, state.secrets.membership_key, state.context)
        return state, MlsMessage(public).encode()
    kind = APPLICATION if message.content.type is ContentType.APPLICATION else HANDSHAKE
    tree, ratchet = state.secret_tree.ratchet(state.suite, state.own, kind)
    key, ratchet = ratchet.next(state.suite)
    # MUST 6.3.1-3, 6.3.2-1
    sender = SenderData(state.own, key.generation, random(4))
    length = len(encode_body(message.content.body)) + len(message.auth.encode(message.content.type))
    padding = max(0, padding_to - length)
    sealed = seal_private(
        state.suite, message, state.secrets.sender_data, key.key, key.nonce, sender, padding
    )
    after = replace(state, secret_tree=tree.with_ratchet(state.own, kind, ratchet))
    return after, MlsMessage(sealed).encode()


def open_public(state: State, message: PublicMessage) -> AuthenticatedContent:
    """A handshake message of this epoch; a member's signature is checked, that of somebody outside is the caller's to check."""
    content = message.content
    _check_group(state, content.group_id)
    # MUST 12.1-1
    if content.epoch != state.context.epoch:
        raise FutureEpoch if content.epoch > state.context.epoch else WrongEpoch
    opened = message.unprotect(state.suite, state.secrets.membership_key, state.context)
    if content.sender.type is SenderType.MEMBER:
        leaf = state.tree.leaf(content.sender.index)
        verify_content(state, opened, leaf.signature_key, state.context)
    return opened


def _check_group(state: State, group_id: bytes) -> None:
    if group_id != state.context.group_id:
        raise UnknownGroup


def verify_content(
    state: State, message: AuthenticatedContent, key: bytes, context: GroupContext | None
) -> None:
    sender = message.content.sender
    try:
        # MUST 6.1-4, 6.3.1-4
        message.verify(state.suite, key, context)
    except InvalidSignature:
        raise InvalidSignature(by=sender.index if sender.type is SenderType.MEMBER else None) from None


def open_private(state: State, message: PrivateMessage) -> tuple[State, AuthenticatedContent, int, Member]:
    """(state with the key used up, content, generation, author); of this epoch, or application data of a past one."""
    _check_group(state, message.group_id)
    current = state.context.epoch
    if message.epoch > current:
        raise FutureEpoch
    if message.epoch == current:
        tree, content, generation = _open(state, message, state.secrets.sender_data, state.secret_tree)
        index = content.content.sender.index
        # MUST 6.3.2-2
        author = member(index, state.tree.leaf(index))
        verify_content(state, content, author.signature_key, state.context)
        return replace(state, secret_tree=tree), content, generation, author
    if message.type is not ContentType.APPLICATION:
        raise WrongEpoch
    return _open_past(state, message)


def _open_past(state: State, message: PrivateMessage) -> tuple[State, AuthenticatedContent, int, Member]:
    at = next((i for i, p in enumerate(state.past) if p.epoch == message.epoch), None)
    if at is None:
        raise PastEpochForgotten
    past = PastSecrets.decode(state.past[at].stored)
    tree, content, generation = _open(state, message, past.sender_data, past.secret_tree)
    index = content.content.sender.index
    author = next((m for m in past.members if m.leaf_index == index), None)
    if author is None:
        raise NoSuchLeaf(str(index))
    verify_content(state, content, author.signature_key, GroupContext.decode(past.context))
    stored = PastEpoch(message.epoch, replace(past, secret_tree=tree).encode())
    return replace(state, past=(*state.past[:at], stored, *state.past[at + 1 :])), content, generation, author


def _open(
    state: State, message: PrivateMessage, sender_data: bytes, tree: SecretTree
) -> tuple[SecretTree, AuthenticatedContent, int]:
    suite, policy = state.suite, state.policy
    sender = message.open_sender(suite, sender_data)
    if sender.leaf >= tree.width:
        raise NoSuchLeaf(str(sender.leaf))
    if sender.leaf == state.own and message.epoch == state.context.epoch:
        raise OwnMessage(by=sender.leaf)
    kind = APPLICATION if message.type is ContentType.APPLICATION else HANDSHAKE
    tree, ratchet = tree.ratchet(suite, sender.leaf, kind)
    key, ratchet = ratchet.take(suite, sender.generation, policy.max_forward, policy.skipped_generations)
    content = message.open(suite, key.key, key.nonce, sender)
    return tree.with_ratchet(sender.leaf, kind, ratchet), content, sender.generation
