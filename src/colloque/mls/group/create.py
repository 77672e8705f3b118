"""A new group of one, and key packages (RFC 9420 sections 10, 11)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from colloque.mls.crypto.suite import Suite
from colloque.mls.group.advance import begun
from colloque.mls.group.leaves import check_supports
from colloque.mls.group.policy import Policy
from colloque.mls.group.state import Random, State
from colloque.mls.messages.extension import (
    DEFAULT_PROPOSALS,
    DEFAULT_TYPES,
    LAST_RESORT,
    Extension,
    Extensions,
)
from colloque.mls.messages.grease import greased, greased_extensions
from colloque.mls.messages.key_package import MLS10, KeyPackage, KeyPackageSecrets
from colloque.mls.messages.leaf_node import (
    BasicCredential,
    Capabilities,
    Credential,
    CredentialType,
    LeafNode,
    Lifetime,
    Source,
)
from colloque.mls.messages.welcome import GroupContext
from colloque.mls.schedule.key_schedule import from_epoch_secret
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
    identity: bytes | Credential,
    lifetime: Lifetime,
    random: Random,
    *,
    extensions: Extensions = (),
    leaf_extensions: Extensions = (),
    capabilities: Capabilities | None = None,
    last_resort: bool = False,
    grease: bool = False,
) -> tuple[KeyPackage, KeyPackageSecrets]:
    """A key package, and the secrets that open the Welcome for it. Use each once, but for one of last resort.

    `grease`: with random values that others must ignore, to see that they do (RFC 9420 13.5).
    """
    if last_resort:
        extensions = (*extensions, Extension(LAST_RESORT, b""))
    if grease:
        extensions = greased_extensions(extensions, random)
        leaf_extensions = greased_extensions(leaf_extensions, random)
    has = capabilities or Capabilities()
    # MUST 7.2-2, 10-6
    listed = (e.type for e in (*extensions, *leaf_extensions) if e.type not in DEFAULT_TYPES)
    has = replace(has, extensions=tuple(dict.fromkeys((*has.extensions, *listed))))
    if grease:
        has = greased(has, random)
    # MUST 10-1
    init_private, init_public = suite.derive_key_pair(random(suite.hash_bytes))
    leaf_private, public = suite.derive_key_pair(random(suite.hash_bytes))
    leaf = new_leaf(public, signer.public, identity, lifetime, leaf_extensions, has)
    leaf = leaf.sign(suite, signer.private)
    package = KeyPackage(MLS10, suite.number, init_public, leaf, extensions).sign(signer.private)
    return package, KeyPackageSecrets(suite.number, init_private, leaf_private)


def new_leaf(
    public: bytes,
    signature_key: bytes,
    identity: bytes | Credential,
    lifetime: Lifetime | None,
    extensions: Extensions = (),
    capabilities: Capabilities | None = None,
) -> LeafNode:
    """Not yet signed. `public`: its encryption key."""
    credential = BasicCredential(identity) if isinstance(identity, bytes) else identity
    used = () if credential.type == CredentialType.BASIC else (credential.type,)
    has = capabilities or Capabilities()
    has = replace(
        has,
        # MUST 7.2-1
        extensions=tuple(kind for kind in has.extensions if kind not in DEFAULT_TYPES),
        proposals=tuple(kind for kind in has.proposals if kind not in DEFAULT_PROPOSALS),
        credentials=tuple(dict.fromkeys((*has.credentials, *used))),
    )
    return LeafNode(
        public, signature_key, credential, has, Source.KEY_PACKAGE, lifetime, extensions=extensions
    )


def create(
    suite: Suite,
    group_id: bytes,
    signer: SignatureKey,
    identity: bytes | Credential,
    random: Random,
    now: int,
    policy: Policy,
    extensions: Extensions = (),
    lifetime: Lifetime | None = None,
    capabilities: Capabilities | None = None,
) -> State:
    """A group in epoch 0 with one member. `now` in seconds."""
    life = lifetime or Lifetime(max(0, now - 86_400), now + DEFAULT_LIFETIME)
    has = replace(capabilities or Capabilities(), extensions=_supported(capabilities, extensions))
    private, public = suite.derive_key_pair(random(suite.hash_bytes))
    leaf = new_leaf(public, signer.public, identity, life, capabilities=has).sign(suite, signer.private)
    check_supports(leaf, extensions)
    tree = RatchetTree(suite, (leaf,))
    # MUST 11-2
    context = GroupContext(MLS10, suite.number, group_id, 0, tree.tree_hash(), b"", extensions)
    epoch = from_epoch_secret(suite, random(suite.hash_bytes))
    tag = suite.mac(epoch.secrets.confirmation_key, b"")
    return begun(context, tag, epoch, tree, PrivateTree(0, {0: private}), signer.private, policy)


def _supported(capabilities: Capabilities | None, extensions: Extensions) -> tuple[int, ...]:
    """A founder supports the extensions that it chooses for its group."""
    known = () if capabilities is None else capabilities.extensions
    return tuple(dict.fromkeys((*known, *(e.type for e in extensions if e.type not in DEFAULT_TYPES))))
