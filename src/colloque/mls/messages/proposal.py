"""Proposals (RFC 9420 12.1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from colloque.mls.codec import Reader, Wire, u8, u16, u32, vector, vector_of
from colloque.mls.errors import DecodeError, ProposalUnsupported
from colloque.mls.messages.extension import Extensions, read_extensions
from colloque.mls.messages.key_package import KeyPackage
from colloque.mls.messages.leaf_node import LeafNode
from colloque.mls.messages.psk import PskId


class ProposalType(IntEnum):
    ADD = 1
    UPDATE = 2
    REMOVE = 3
    PSK = 4
    REINIT = 5
    EXTERNAL_INIT = 6
    GROUP_CONTEXT_EXTENSIONS = 7


@dataclass(frozen=True, slots=True)
class Add:
    package: KeyPackage
    type: int = ProposalType.ADD

    def encode(self) -> bytes:
        return u16(self.type) + self.package.encode()


@dataclass(frozen=True, slots=True)
class Update:
    leaf: LeafNode
    type: int = ProposalType.UPDATE

    def encode(self) -> bytes:
        return u16(self.type) + self.leaf.encode()


@dataclass(frozen=True, slots=True)
class Remove:
    removed: int
    type: int = ProposalType.REMOVE

    def encode(self) -> bytes:
        return u16(self.type) + u32(self.removed)


@dataclass(frozen=True, slots=True)
class PreSharedKey:
    psk: PskId
    type: int = ProposalType.PSK

    def encode(self) -> bytes:
        return u16(self.type) + self.psk.encode()


@dataclass(frozen=True, slots=True)
class ReInit:
    group_id: bytes
    version: int
    suite: int
    extensions: Extensions
    type: int = ProposalType.REINIT

    def encode(self) -> bytes:
        tail = u16(self.version) + u16(self.suite) + vector_of(self.extensions)
        return u16(self.type) + vector(self.group_id) + tail


@dataclass(frozen=True, slots=True)
class ExternalInit:
    kem_output: bytes
    type: int = ProposalType.EXTERNAL_INIT

    def encode(self) -> bytes:
        return u16(self.type) + vector(self.kem_output)


@dataclass(frozen=True, slots=True)
class GroupContextExtensions:
    extensions: Extensions
    type: int = ProposalType.GROUP_CONTEXT_EXTENSIONS

    def encode(self) -> bytes:
        return u16(self.type) + vector_of(self.extensions)


Proposal = Add | Update | Remove | PreSharedKey | ReInit | ExternalInit | GroupContextExtensions


def read_proposal(source: Reader) -> Proposal:
    kind = source.uint(2)
    if kind == ProposalType.ADD:
        return Add(KeyPackage.read(source))
    if kind == ProposalType.UPDATE:
        return Update(LeafNode.read(source))
    if kind == ProposalType.REMOVE:
        return Remove(source.uint(4))
    if kind == ProposalType.PSK:
        return PreSharedKey(PskId.read(source))
    if kind == ProposalType.REINIT:
        return ReInit(source.opaque(), source.uint(2), source.uint(2), read_extensions(source))
    if kind == ProposalType.EXTERNAL_INIT:
        return ExternalInit(source.opaque())
    if kind == ProposalType.GROUP_CONTEXT_EXTENSIONS:
        return GroupContextExtensions(read_extensions(source))
    # MUST 13.2-1
    raise ProposalUnsupported(f"type {kind}")


@dataclass(frozen=True, slots=True)
class ProposalOrRef(Wire):
    """By value, or by the hash of the message that carried it."""

    proposal: Proposal | None = None
    ref: bytes = b""

    def encode(self) -> bytes:
        if self.proposal is not None:
            return u8(1) + self.proposal.encode()
        return u8(2) + vector(self.ref)

    @classmethod
    def read(cls, source: Reader) -> ProposalOrRef:
        kind = source.uint(1)
        if kind == 1:
            return cls(proposal=read_proposal(source))
        if kind == 2:
            return cls(ref=source.opaque())
        raise DecodeError("neither a proposal nor a reference")
