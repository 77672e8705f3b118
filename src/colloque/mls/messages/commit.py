"""Commits and the update paths that they carry (RFC 9420 7.6, 12.4)."""

from __future__ import annotations

from dataclasses import dataclass

from colloque.mls.codec import Reader, Wire, optional, vector, vector_of
from colloque.mls.messages.leaf_node import LeafNode
from colloque.mls.messages.proposal import ProposalOrRef


@dataclass(frozen=True, slots=True)
class HpkeCiphertext(Wire):
    kem_output: bytes
    ciphertext: bytes

    def encode(self) -> bytes:
        return vector(self.kem_output) + vector(self.ciphertext)

    @classmethod
    def read(cls, source: Reader) -> HpkeCiphertext:
        return cls(source.opaque(), source.opaque())


@dataclass(frozen=True, slots=True)
class UpdatePathNode(Wire):
    """A parent's new key, and its path secret for each node of the copath child's resolution."""

    encryption_key: bytes
    secrets: tuple[HpkeCiphertext, ...]

    def encode(self) -> bytes:
        return vector(self.encryption_key) + vector_of(self.secrets)

    @classmethod
    def read(cls, source: Reader) -> UpdatePathNode:
        return cls(source.opaque(), source.vector(HpkeCiphertext.read))


@dataclass(frozen=True, slots=True)
class UpdatePath(Wire):
    leaf: LeafNode
    nodes: tuple[UpdatePathNode, ...]

    def encode(self) -> bytes:
        return self.leaf.encode() + vector_of(self.nodes)

    @classmethod
    def read(cls, source: Reader) -> UpdatePath:
        return cls(LeafNode.read(source), source.vector(UpdatePathNode.read))


@dataclass(frozen=True, slots=True)
class Commit(Wire):
    proposals: tuple[ProposalOrRef, ...]
    path: UpdatePath | None = None

    def encode(self) -> bytes:
        return vector_of(self.proposals) + optional(self.path)

    @classmethod
    def read(cls, source: Reader) -> Commit:
        return cls(source.vector(ProposalOrRef.read), source.optional(UpdatePath.read))
