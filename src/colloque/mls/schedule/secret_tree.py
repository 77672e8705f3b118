"""The secret tree: a key and a nonce for each sender, kind and generation, once (RFC 9420 section 9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from colloque.mls.codec import Reader, ascending, u8, u32, vector
from colloque.mls.crypto.suite import NONCE_BYTES, Suite
from colloque.mls.errors import GenerationTooFar, GenerationUsed, RatchetSpent, StateInvalid
from colloque.mls.tree import math

HANDSHAKE, APPLICATION = 0, 1
_LABELS = ("handshake", "application")
_LAST_GENERATION = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class MessageKey:
    key: bytes = field(repr=False)
    nonce: bytes = field(repr=False)
    generation: int


@dataclass(frozen=True, slots=True)
class Ratchet:
    """`generation`: the next one. `skipped`: keys of earlier ones that have not been used, oldest first."""

    secret: bytes = field(repr=False)
    generation: int = 0
    skipped: tuple[MessageKey, ...] = field(default=(), repr=False)

    def _step(self, suite: Suite) -> tuple[MessageKey, Ratchet]:
        # MUST 9.1-1, 15.2-1
        if self.generation > _LAST_GENERATION:
            raise RatchetSpent
        at = self.generation
        key = suite.derive_tree_secret(self.secret, "key", at, suite.key_bytes)
        nonce = suite.derive_tree_secret(self.secret, "nonce", at, NONCE_BYTES)
        secret = suite.derive_tree_secret(self.secret, "secret", at, suite.hash_bytes)
        return MessageKey(key, nonce, at), replace(self, secret=secret, generation=at + 1)

    def next(self, suite: Suite) -> tuple[MessageKey, Ratchet]:
        return self._step(suite)

    def take(self, suite: Suite, generation: int, forward: int, keep: int) -> tuple[MessageKey, Ratchet]:
        """The key of `generation`, at most `forward` ahead; of those passed over, the latest `keep` are kept."""
        if generation < self.generation:
            for at, key in enumerate(self.skipped):
                if key.generation == generation:
                    return key, replace(self, skipped=self.skipped[:at] + self.skipped[at + 1 :])
            raise GenerationUsed
        if generation - self.generation > forward:
            raise GenerationTooFar
        ratchet, passed = self, list(self.skipped)
        while ratchet.generation < generation:
            skipped, ratchet = ratchet._step(suite)
            passed.append(skipped)
        key, ratchet = ratchet._step(suite)
        return key, replace(ratchet, skipped=tuple(passed[-keep:]) if keep else ())

    def encode(self) -> bytes:
        keys = b"".join(u32(k.generation) + vector(k.key) + vector(k.nonce) for k in self.skipped)
        return vector(self.secret) + self.generation.to_bytes(5, "big") + vector(keys)

    @classmethod
    def read(cls, source: Reader) -> Ratchet:
        secret, generation = source.opaque(), source.uint(5)

        def one(r: Reader) -> MessageKey:
            at, key = r.uint(4), r.opaque()
            return MessageKey(key, r.opaque(), at)

        return cls(secret, generation, source.vector(one))


@dataclass(frozen=True, slots=True)
class SecretTree:
    """`nodes`: secrets of subtrees from which nothing was taken yet; `ratchets`: (leaf, kind) of those that were."""

    width: int
    nodes: Mapping[int, bytes] = field(repr=False)
    ratchets: Mapping[tuple[int, int], Ratchet] = field(repr=False)

    @classmethod
    def from_encryption_secret(cls, width: int, secret: bytes) -> SecretTree:
        return cls(width, {math.root(width): secret}, {})

    def _opened(self, suite: Suite, leaf: int) -> SecretTree:
        """With this leaf's ratchets in place, and the secrets above it gone."""
        if (leaf, APPLICATION) in self.ratchets:
            return self
        node = 2 * leaf
        chain = [node]
        while chain[-1] not in self.nodes:
            if chain[-1] == math.root(self.width):
                raise GenerationUsed
            chain.append(math.parent(chain[-1]))
        nodes = dict(self.nodes)
        at = chain.pop()
        # MUST 9.2-1
        secret = nodes.pop(at)
        size = suite.hash_bytes
        while chain:
            left, right = math.left(at), math.right(at)
            nodes[left] = suite.expand_with_label(secret, "tree", b"left", size)
            nodes[right] = suite.expand_with_label(secret, "tree", b"right", size)
            at = chain.pop()
            secret = nodes.pop(at)
        fresh = {
            (leaf, kind): Ratchet(suite.expand_with_label(secret, label, b"", size))
            for kind, label in enumerate(_LABELS)
        }
        return SecretTree(self.width, nodes, {**self.ratchets, **fresh})

    def ratchet(self, suite: Suite, leaf: int, kind: int) -> tuple[SecretTree, Ratchet]:
        tree = self._opened(suite, leaf)
        return tree, tree.ratchets[(leaf, kind)]

    def with_ratchet(self, leaf: int, kind: int, ratchet: Ratchet) -> SecretTree:
        return SecretTree(self.width, self.nodes, {**self.ratchets, (leaf, kind): ratchet})

    def encode(self) -> bytes:
        nodes = b"".join(u32(at) + vector(secret) for at, secret in sorted(self.nodes.items()))
        ratchets = b"".join(
            u32(leaf) + u8(kind) + r.encode() for (leaf, kind), r in sorted(self.ratchets.items())
        )
        return u32(self.width) + vector(nodes) + vector(ratchets)

    @classmethod
    def read(cls, source: Reader) -> SecretTree:
        width = source.uint(4)
        nodes = source.vector(lambda r: (r.uint(4), r.opaque()))
        ratchets = source.vector(lambda r: ((r.uint(4), r.uint(1)), Ratchet.read(r)))
        if not ascending(at for at, _ in nodes) or not ascending(at for at, _ in ratchets):
            raise StateInvalid
        return cls(width, dict(nodes), dict(ratchets))
