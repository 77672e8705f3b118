"""A new group of one, and key packages (RFC 9420 sections 10, 11)."""

from __future__ import annotations

from dataclasses import dataclass, field

from colloque.mls.crypto.suite import Suite
from colloque.mls.group.policy import Policy
from colloque.mls.group.state import Random, State
from colloque.mls.messages.extension import Extensions
from colloque.mls.messages.key_package import MLS10, KeyPackage, KeyPackageSecrets
from colloque.mls.messages.leaf_node import BasicCredential, Capabilities, LeafNode, Lifetime, Source
from colloque.mls.messages.welcome import GroupContext
from colloque.mls.schedule import transcript
from colloque.mls.schedule.key_schedule import from_epoch_secret
from colloque.mls.schedule.secret_tree import SecretTree
from colloque.mls.tree.ratchet_tree import RatchetTree
from colloque.mls.tree.treekem import PrivateTree

DEFAULT_LIFETIME = 90 * 86_400


@dataclass(frozen=True, slots=True)
class SignatureKey:
    """A member's signing key: a 32-byte seed (Ed25519) or a scalar (ECDSA)."""

    suite: Suite
    private: bytes = field(repr=False)

    @classmethod
    def generate(cls, suite: Suite) -> SignatureKey:
        return cls(suite, suite.scheme.generate())

    @classmethod
    def from_bytes(cls, suite: Suite, private: bytes) -> SignatureKey:
        return cls(suite, private)

    def to_bytes(self) -> bytes:
        return self.private

    @property
    def public(self) -> bytes:
        return self.suite.scheme.public(self.private)


def new_key_package(
    suite: Suite,
    signer: SignatureKey,
    identity: bytes,
    lifetime: Lifetime,
    random: Random,
    *,
    extensions: Extensions = (),
    leaf_extensions: Extensions = (),
    capabilities: Capabilities | None = None,
) -> tuple[KeyPackage, KeyPackageSecrets]:
    """A key package, and the secrets that open the Welcome for it. Use each once."""
    init_private, init_public = suite.derive_key_pair(random(suite.hash_bytes))
    leaf_private, leaf = new_leaf(suite, signer, identity, lifetime, random, leaf_extensions, capabilities)
    package = KeyPackage(MLS10, suite.number, init_public, leaf, extensions).sign(signer.private)
    return package, KeyPackageSecrets(suite.number, init_private, leaf_private)


def new_leaf(
    suite: Suite,
    signer: SignatureKey,
    identity: bytes,
    lifetime: Lifetime,
    random: Random,
    extensions: Extensions = (),
    capabilities: Capabilities | None = None,
) -> tuple[bytes, LeafNode]:
    private, public = suite.derive_key_pair(random(suite.hash_bytes))
    leaf = LeafNode(
        public,
        signer.public,
        BasicCredential(identity),
        capabilities or Capabilities(),
        Source.KEY_PACKAGE,
        lifetime,
        extensions=extensions,
    )
    return private, leaf.sign(suite, signer.private)


def create(
    suite: Suite,
    group_id: bytes,
    signer: SignatureKey,
    identity: bytes,
    random: Random,
    now: int,
    policy: Policy,
    extensions: Extensions = (),
    lifetime: Lifetime | None = None,
) -> State:
    """A group in epoch 0 with one member. `now` in seconds."""
    life = lifetime or Lifetime(max(0, now - 86_400), now + DEFAULT_LIFETIME)
    private, leaf = new_leaf(suite, signer, identity, life, random)
    tree = RatchetTree(suite, (leaf,))
    context = GroupContext(MLS10, suite.number, group_id, 0, tree.tree_hash(), b"", extensions)
    epoch = from_epoch_secret(suite, random(suite.hash_bytes))
    tag = suite.mac(epoch.secrets.confirmation_key, b"")
    return State(
        suite,
        context,
        transcript.interim(suite, b"", tag),
        tree,
        PrivateTree(0, {0: private}),
        epoch.secrets,
        SecretTree.from_encryption_secret(1, epoch.encryption),
        signer.private,
        policy,
    )
