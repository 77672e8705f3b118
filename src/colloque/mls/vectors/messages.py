"""Every message decoded and encoded again; and the protection of messages."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from colloque.mls.codec import Reader
from colloque.mls.crypto.suite import Suite, suite
from colloque.mls.errors import ApplicationInPublic
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
    read_body,
    sign_content,
)
from colloque.mls.framing.message import MlsMessage
from colloque.mls.framing.private_message import PrivateMessage, SenderData, seal_private
from colloque.mls.framing.public_message import PublicMessage
from colloque.mls.messages.commit import Commit
from colloque.mls.messages.proposal import ProposalType, read_proposal
from colloque.mls.messages.welcome import GroupContext, GroupSecrets
from colloque.mls.schedule.secret_tree import APPLICATION, HANDSHAKE, SecretTree
from colloque.mls.tree.nodes import decode_nodes, encode_nodes
from colloque.mls.vectors.check import same, unhex

_PROPOSALS = {
    "add_proposal": ProposalType.ADD,
    "update_proposal": ProposalType.UPDATE,
    "remove_proposal": ProposalType.REMOVE,
    "pre_shared_key_proposal": ProposalType.PSK,
    "re_init_proposal": ProposalType.REINIT,
    "external_init_proposal": ProposalType.EXTERNAL_INIT,
    "group_context_extensions_proposal": ProposalType.GROUP_CONTEXT_EXTENSIONS,
}


def _message(data: bytes) -> bytes:
    return MlsMessage.decode(data).encode()


_OTHERS: dict[str, Callable[[bytes], bytes]] = {
    "mls_welcome": _message,
    "mls_group_info": _message,
    "mls_key_package": _message,
    "public_message_application": _message,
    "public_message_proposal": _message,
    "public_message_commit": _message,
    "private_message": _message,
    "ratchet_tree": lambda data: encode_nodes(decode_nodes(data)),
    "group_secrets": lambda data: GroupSecrets.decode(data).encode(),
    "commit": lambda data: Commit.decode(data).encode(),
}


def every_message(case: dict[str, Any]) -> None:
    for name, again in _OTHERS.items():
        data = unhex(case[name])
        same(again(data), data, name)
    for name, kind in _PROPOSALS.items():
        data = kind.to_bytes(2, "big") + unhex(case[name])
        source = Reader(data)
        value = read_proposal(source)
        source.end()
        same(value.encode(), data, name)


def message_protection(case: dict[str, Any]) -> None:
    kind = suite(case["cipher_suite"])
    hashes = unhex(case["tree_hash"]), unhex(case["confirmed_transcript_hash"])
    context = GroupContext(1, kind.number, unhex(case["group_id"]), case["epoch"], *hashes)
    for name, content_type in (
        ("proposal", ContentType.PROPOSAL),
        ("commit", ContentType.COMMIT),
        ("application", ContentType.APPLICATION),
    ):
        raw = unhex(case[name])
        body: Body = raw
        if content_type is not ContentType.APPLICATION:
            source = Reader(raw)
            body = read_body(content_type, source)
            source.end()
        private = unhex(case[f"{name}_priv"])
        same(_open(case, kind, context, private), encode_body(body), f"{name}, private")
        same(
            _open(case, kind, context, seal_case(case, kind, context, content_type, body, True)),
            encode_body(body),
            name,
        )
        if content_type is ContentType.APPLICATION:
            _refuses_public(case, kind, context, body)
            continue
        same(_open(case, kind, context, unhex(case[f"{name}_pub"])), encode_body(body), f"{name}, public")
        public = seal_case(case, kind, context, content_type, body, False)
        same(_open(case, kind, context, public), encode_body(body), f"{name}, public again")


def _refuses_public(case: dict[str, Any], kind: Suite, context: GroupContext, body: Body) -> None:
    try:
        seal_case(case, kind, context, ContentType.APPLICATION, body, False)
    except ApplicationInPublic:
        return
    raise AssertionError("application data went into a public message")


def _tree(case: dict[str, Any]) -> SecretTree:
    return SecretTree.from_encryption_secret(2, unhex(case["encryption_secret"]))


def _open(case: dict[str, Any], kind: Suite, context: GroupContext, data: bytes) -> bytes:
    message = MlsMessage.decode(data).body
    if isinstance(message, PublicMessage):
        opened = message.unprotect(kind, unhex(case["membership_key"]), context)
    elif isinstance(message, PrivateMessage):
        sender = message.open_sender(kind, unhex(case["sender_data_secret"]))
        ratchet_kind = APPLICATION if message.type is ContentType.APPLICATION else HANDSHAKE
        _, ratchet = _tree(case).ratchet(kind, sender.leaf, ratchet_kind)
        key, _ = ratchet.take(kind, sender.generation, 1 << 20, 0)
        opened = message.open(kind, key.key, key.nonce, sender)
    else:
        raise AssertionError("another wire format")
    opened.verify(kind, unhex(case["signature_pub"]), context)
    return encode_body(opened.content.body)


def seal_case(
    case: dict[str, Any],
    kind: Suite,
    context: GroupContext,
    content_type: ContentType,
    body: Body,
    private: bool,
) -> bytes:
    wire = WireFormat.PRIVATE if private else WireFormat.PUBLIC
    sender = Sender(SenderType.MEMBER, 1)
    content = FramedContent(context.group_id, context.epoch, sender, b"", content_type, body)
    signature = sign_content(kind, unhex(case["signature_priv"]), wire, content, context)
    message = AuthenticatedContent(wire, content, Auth(signature))
    if content_type is ContentType.COMMIT:
        message = replace(message, auth=replace(message.auth, confirmation_tag=bytes(kind.hash_bytes)))
    if not private:
        sealed = PublicMessage.protect(kind, message, unhex(case["membership_key"]), context)
        return MlsMessage(sealed).encode()
    ratchet_kind = APPLICATION if content_type is ContentType.APPLICATION else HANDSHAKE
    _, ratchet = _tree(case).ratchet(kind, 1, ratchet_kind)
    key, _ = ratchet.next(kind)
    data = SenderData(1, key.generation, os.urandom(4))
    secret = unhex(case["sender_data_secret"])
    return MlsMessage(seal_private(kind, message, secret, key.key, key.nonce, data, 7)).encode()
