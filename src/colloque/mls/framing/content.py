"""Framed content and what authenticates it (RFC 9420 6, 6.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from colloque.mls.codec import Reader, Wire, u8, u16, u32, u64, vector
from colloque.mls.crypto.suite import Suite
from colloque.mls.errors import DecodeError
from colloque.mls.messages.commit import Commit
from colloque.mls.messages.proposal import Proposal, read_proposal
from colloque.mls.messages.welcome import GroupContext

MLS10 = 1


class WireFormat(IntEnum):
    PUBLIC = 1
    PRIVATE = 2
    WELCOME = 3
    GROUP_INFO = 4
    KEY_PACKAGE = 5


class ContentType(IntEnum):
    APPLICATION = 1
    PROPOSAL = 2
    COMMIT = 3


class SenderType(IntEnum):
    MEMBER = 1
    EXTERNAL = 2
    NEW_MEMBER_PROPOSAL = 3
    NEW_MEMBER_COMMIT = 4


@dataclass(frozen=True, slots=True)
class Sender(Wire):
    """`index`: the leaf of a member, or the place in the external senders' list."""

    type: SenderType
    index: int = 0

    def encode(self) -> bytes:
        if self.type in (SenderType.MEMBER, SenderType.EXTERNAL):
            return u8(self.type) + u32(self.index)
        return u8(self.type)

    @classmethod
    def read(cls, source: Reader) -> Sender:
        number = source.uint(1)
        if number not in list(SenderType):
            raise DecodeError("a sender of an unknown type")
        kind = SenderType(number)
        return cls(kind, source.uint(4) if kind in (SenderType.MEMBER, SenderType.EXTERNAL) else 0)


Body = bytes | Proposal | Commit


def read_content_type(source: Reader) -> ContentType:
    number = source.uint(1)
    if number not in list(ContentType):
        raise DecodeError("content of an unknown type")
    return ContentType(number)


def encode_body(body: Body) -> bytes:
    return vector(body) if isinstance(body, bytes) else body.encode()


def read_body(kind: ContentType, source: Reader) -> Body:
    if kind is ContentType.APPLICATION:
        return source.opaque()
    return read_proposal(source) if kind is ContentType.PROPOSAL else Commit.read(source)


@dataclass(frozen=True, slots=True)
class FramedContent(Wire):
    group_id: bytes
    epoch: int
    sender: Sender
    authenticated_data: bytes
    type: ContentType
    body: Body = field(repr=False)

    def encode(self) -> bytes:
        head = (
            vector(self.group_id) + u64(self.epoch) + self.sender.encode() + vector(self.authenticated_data)
        )
        return head + u8(self.type) + encode_body(self.body)

    @classmethod
    def read(cls, source: Reader) -> FramedContent:
        head = source.opaque(), source.uint(8), Sender.read(source), source.opaque()
        kind = read_content_type(source)
        return cls(*head, kind, read_body(kind, source))

    def signed(self, wire: WireFormat, context: GroupContext | None) -> bytes:
        """FramedContentTBS. Members, and new members who commit, sign the group's context too."""
        bound = self.sender.type in (SenderType.MEMBER, SenderType.NEW_MEMBER_COMMIT)
        tail = context.encode() if bound and context is not None else b""
        return u16(MLS10) + u16(wire) + self.encode() + tail


@dataclass(frozen=True, slots=True)
class Auth:
    """`confirmation_tag` only with a commit."""

    signature: bytes = field(repr=False)
    confirmation_tag: bytes = field(default=b"", repr=False)

    def encode(self, kind: ContentType) -> bytes:
        tag = vector(self.confirmation_tag) if kind is ContentType.COMMIT else b""
        return vector(self.signature) + tag

    @classmethod
    def read(cls, source: Reader, kind: ContentType) -> Auth:
        return cls(source.opaque(), source.opaque() if kind is ContentType.COMMIT else b"")


@dataclass(frozen=True, slots=True)
class AuthenticatedContent(Wire):
    wire: WireFormat
    content: FramedContent
    auth: Auth

    def encode(self) -> bytes:
        return u16(self.wire) + self.content.encode() + self.auth.encode(self.content.type)

    @classmethod
    def read(cls, source: Reader) -> AuthenticatedContent:
        number = source.uint(2)
        if number not in (WireFormat.PUBLIC, WireFormat.PRIVATE):
            raise DecodeError("authenticated content of another wire format")
        content = FramedContent.read(source)
        return cls(WireFormat(number), content, Auth.read(source, content.type))

    def verify(self, suite: Suite, public: bytes, context: GroupContext | None) -> None:
        """Raises `InvalidSignature`."""
        signed = self.content.signed(self.wire, context)
        suite.verify_with_label(public, "FramedContentTBS", signed, self.auth.signature)

    def ref(self, suite: Suite) -> bytes:
        """The ProposalRef of a proposal (RFC 9420 5.2)."""
        return suite.ref_hash("MLS 1.0 Proposal Reference", self.encode())


def sign_content(
    suite: Suite, private: bytes, wire: WireFormat, content: FramedContent, context: GroupContext | None
) -> bytes:
    return suite.sign_with_label(private, "FramedContentTBS", content.signed(wire, context))
