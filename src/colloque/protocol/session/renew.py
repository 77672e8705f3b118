"""Fresh keys at once: the host by a commit with a path, a member by a wish (`spec/sessions.md` S25, S26)."""

from __future__ import annotations

from colloque.protocol.session.admit import Step, refresh
from colloque.protocol.session.join import wish_renewal
from colloque.protocol.session.model import Context, Talk
from colloque.protocol.session.write import may_write
from colloque.wire.codec import WireError


def renew_now(ctx: Context, talk: Talk) -> Step:
    if not may_write(talk):
        raise WireError("this conversation is not open")
    return refresh(ctx, talk) if talk.hosting is not None else wish_renewal(ctx, talk)
