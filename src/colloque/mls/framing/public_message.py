"""PublicMessage: signed, and by members also MACed, in clear (RFC 9420 6.2)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from colloque.mls.codec import Reader, Wire, vector
from colloque.mls.crypto.suite import Suite
from colloque.mls.errors import ApplicationInPublic, MembershipTagMismatch
from colloque.mls.framing.content import (
    Auth,
    AuthenticatedContent,
    ContentType,
    FramedContent,
    SenderType,
    WireFormat,
)
from colloque.mls.messages.welcome import GroupContext


@dataclass(frozen=True, slots=True)
class PublicMessage(Wire):
    content: FramedContent
    auth: Auth
    membership_tag: bytes = field(default=b"", repr=False)

    def encode(self) -> bytes:
        member = self.content.sender.type is SenderType.MEMBER
        tag = vector(self.membership_tag) if member else b""
        return self.content.encode() + self.auth.encode(self.content.type) + tag

    @classmethod
    def read(cls, source: Reader) -> PublicMessage:
        content = FramedContent.read(source)
        auth = Auth.read(source, content.type)
        return cls(content, auth, source.opaque() if content.sender.type is SenderType.MEMBER else b"")

    def authenticated(self) -> AuthenticatedContent:
        return AuthenticatedContent(WireFormat.PUBLIC, self.content, self.auth)

    def _tag(self, suite: Suite, membership_key: bytes, context: GroupContext) -> bytes:
        signed = self.content.signed(WireFormat.PUBLIC, context)
        return suite.mac(membership_key, signed + self.auth.encode(self.content.type))

    @classmethod
    def protect(
        cls, suite: Suite, message: AuthenticatedContent, membership_key: bytes, context: GroupContext
    ) -> PublicMessage:
        # MUST 6-1
        if message.content.type is ContentType.APPLICATION:
            raise ApplicationInPublic
        plain = cls(message.content, message.auth)
        if message.content.sender.type is not SenderType.MEMBER:
            return plain
        # MUST 6.2-1
        return cls(message.content, message.auth, plain._tag(suite, membership_key, context))

    def unprotect(self, suite: Suite, membership_key: bytes, context: GroupContext) -> AuthenticatedContent:
        """Raises `MembershipTagMismatch`, `ApplicationInPublic`. The signature is the caller's to check."""
        if self.content.type is ContentType.APPLICATION:
            raise ApplicationInPublic
        if self.content.sender.type is SenderType.MEMBER:
            # MUST 6.2-2
            expected = self._tag(suite, membership_key, context)
            if not hmac.compare_digest(expected, self.membership_tag):
                raise MembershipTagMismatch(by=self.content.sender.index)
        return self.authenticated()
