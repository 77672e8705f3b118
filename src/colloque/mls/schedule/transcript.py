"""Transcript hashes (RFC 9420 8.2)."""

from __future__ import annotations

from colloque.mls.codec import u16, vector
from colloque.mls.crypto.suite import Suite
from colloque.mls.framing.content import AuthenticatedContent


def confirmed(suite: Suite, interim: bytes, message: AuthenticatedContent) -> bytes:
    """The next confirmed transcript hash, from the interim one before and a commit."""
    return suite.digest(
        interim + u16(message.wire) + message.content.encode() + vector(message.auth.signature)
    )


def interim(suite: Suite, confirmed_hash: bytes, confirmation_tag: bytes) -> bytes:
    return suite.digest(confirmed_hash + vector(confirmation_tag))
