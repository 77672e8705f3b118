"""Every decoder of `colloque.mls`, with real values as seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import fields, is_dataclass
from typing import Any

from colloque.mls.api import KeyPackageSecrets, MlsError, RequiredCapabilities, peek, suite
from colloque.mls.codec import Reader, Wire, vector_of
from colloque.mls.crypto.suite import Suite
from colloque.mls.framing.content import AuthenticatedContent, FramedContent, Sender
from colloque.mls.framing.message import MlsMessage
from colloque.mls.framing.private_message import PrivateMessage, SenderData
from colloque.mls.framing.public_message import PublicMessage
from colloque.mls.group.policy import Policy
from colloque.mls.group.state import PastSecrets
from colloque.mls.group.storage import decode_state, encode_state
from colloque.mls.messages.commit import Commit, HpkeCiphertext, UpdatePath, UpdatePathNode
from colloque.mls.messages.extension import Extension, read_extensions
from colloque.mls.messages.external import (
    ExternalSender,
    external_pub,
    external_senders,
    read_external_pub,
    read_external_senders,
)
from colloque.mls.messages.key_package import KeyPackage
from colloque.mls.messages.leaf_node import BasicCredential, Capabilities, LeafNode, Lifetime
from colloque.mls.messages.proposal import ProposalOrRef, read_proposal
from colloque.mls.messages.psk import PskId
from colloque.mls.messages.welcome import (
    EncryptedGroupSecrets,
    GroupContext,
    GroupInfo,
    GroupSecrets,
    PathSecret,
    Welcome,
)
from colloque.mls.schedule.key_schedule import EpochSecrets
from colloque.mls.schedule.secret_tree import Ratchet, SecretTree
from colloque.mls.tree.nodes import ParentNode, _TypedNode, decode_nodes, encode_nodes
from colloque.mls.tree.ratchet_tree import RatchetTree
from fuzz.mls_scene import Scene
from fuzz.target import Target

STRUCTS: tuple[type[Wire], ...] = (
    AuthenticatedContent,
    BasicCredential,
    Capabilities,
    Commit,
    EncryptedGroupSecrets,
    Extension,
    ExternalSender,
    FramedContent,
    GroupContext,
    GroupInfo,
    GroupSecrets,
    HpkeCiphertext,
    KeyPackage,
    LeafNode,
    Lifetime,
    MlsMessage,
    ParentNode,
    PathSecret,
    PrivateMessage,
    ProposalOrRef,
    PskId,
    PublicMessage,
    RequiredCapabilities,
    Sender,
    SenderData,
    UpdatePath,
    UpdatePathNode,
    Welcome,
    _TypedNode,
)


def whole(read: Callable[[Reader], Any]) -> Callable[[bytes], Any]:
    """A decoder of whole bytes, made of one that reads on."""

    def decode(data: bytes) -> Any:
        source = Reader(data)
        value = read(source)
        source.end()
        return value

    return decode


def _anew(value: Any) -> Any:
    """Made of its fields alone: a leaf and a tree that were read keep their bytes, and would show those."""
    if isinstance(value, RatchetTree):
        return RatchetTree(value.suite, _anew(value.nodes))
    if isinstance(value, tuple):
        return tuple(_anew(one) for one in value)
    if isinstance(value, Mapping):
        return {key: _anew(one) for key, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type) and not isinstance(value, Suite):
        made = copy(value)
        getattr(made, "__dict__", {}).clear()
        for part in fields(value):
            object.__setattr__(made, part.name, _anew(getattr(value, part.name)))
        return made
    return value


def _encode(value: Any) -> bytes:
    data: bytes = _anew(value).encode()
    return data


def _structs(scene: Scene) -> Iterator[Target]:
    seeds: dict[type, list[bytes]] = {kind: [] for kind in STRUCTS}
    for value in scene.values():
        if type(value) in seeds:
            seeds[type(value)].append(value.encode())
    seeds[ExternalSender].append(ExternalSender(b"k" * 32, BasicCredential(b"labo")).encode())
    seeds[RequiredCapabilities].append(RequiredCapabilities((3, 0xF042), (8,), (1,)).encode())
    for kind in STRUCTS:
        yield Target(kind.__name__, tuple(dict.fromkeys(seeds[kind])), kind.decode, _encode, MlsError)


def targets(scene: Scene) -> tuple[Target, ...]:
    def simple(name: str, read: Callable[[Reader], Any], *seeds: bytes) -> Target:
        return Target(name, seeds, whole(read), _encode, MlsError)

    state = scene.host.state
    tree = state.tree.encode()
    senders = external_senders([ExternalSender(b"k" * 32, BasicCredential(b"labo"))])
    pub = external_pub(b"p" * 32)
    proposals = tuple(p.encode() for p in scene.proposals())
    states = tuple(
        encode_state(group.state) for group in (scene.host, scene.guest, scene.waiting, scene.spoken)
    )
    past = scene.guest.state.past[-1].stored
    spoken = scene.spoken.state.secret_tree
    ratchets = tuple(ratchet.encode() for ratchet in spoken.ratchets.values())
    return (
        *_structs(scene),
        Target("proposal", proposals, whole(read_proposal), _encode, MlsError),
        Target(
            "extensions",
            (vector_of(state.context.extensions), vector_of((senders, pub))),
            whole(read_extensions),
            vector_of,
            MlsError,
        ),
        Target(
            "external senders",
            (senders.data,),
            lambda d: read_external_senders((Extension(senders.type, d),)),
            lambda v: external_senders(v).data,
            MlsError,
        ),
        Target(
            "external key",
            (pub.data,),
            lambda d: read_external_pub((Extension(pub.type, d),)),
            lambda v: external_pub(v).data,
            MlsError,
        ),
        Target("ratchet tree", (tree,), decode_nodes, lambda v: encode_nodes(_anew(v)), MlsError),
        Target("peek", tuple(scene.messages), peek, None, MlsError),
        Target(
            "key package secrets",
            (scene.joiner.secrets.to_bytes(),),
            KeyPackageSecrets.from_bytes,
            KeyPackageSecrets.to_bytes,
            MlsError,
        ),
        simple("policy", Policy.read, state.policy.encode()),
        simple("epoch secrets", EpochSecrets.read, state.secrets.encode()),
        simple("ratchet", Ratchet.read, *ratchets),
        simple("secret tree", SecretTree.read, spoken.encode()),
        Target("past epoch", (past,), PastSecrets.decode, _encode, MlsError),
        Target("state", states, decode_state, lambda v: encode_state(_anew(v)), MlsError),
        *_keys(),
    )


def _keys() -> Iterator[Target]:
    """Public keys, KEM outputs and signatures that are any bytes."""
    for number in (1, 2, 4, 5, 7, 83):
        kind = suite(number)
        private, public = kind.derive_key_pair(b"k" * kind.hash_bytes)
        signer = kind.scheme.generate()
        verifier = kind.scheme.public(signer)
        yield Target(f"public key {number}", (public,), kind.kem.encapsulate, None, MlsError)
        _, output = kind.kem.encapsulate(public)
        yield Target(
            f"KEM output {number}",
            (output,),
            lambda d, kind=kind, private=private: kind.kem.decapsulate(private, d),  # type: ignore[misc]
            None,
            MlsError,
        )
        yield Target(
            f"signature key {number}",
            (verifier,),
            lambda d, kind=kind: kind.scheme.verify(d, b"m", b"s" * 64),  # type: ignore[misc]
            None,
            MlsError,
        )
        yield Target(
            f"signature {number}",
            (kind.scheme.sign(signer, b"m"),),
            lambda d, kind=kind, key=verifier: kind.scheme.verify(key, b"m", d),  # type: ignore[misc]
            None,
            MlsError,
        )
