"""What time brings: the host's daily path, a member's weekly renewal, mail that is late (`spec/sessions.md` S25 to S28)."""

from __future__ import annotations

from typing import Final

from colloque.protocol.session.model import DAY, Context, Phase, Talk

PATH_EVERY: Final = DAY
RENEW_EVERY: Final = 7 * DAY
LATE_AFTER: Final = 2 * DAY
KEEP_RAW: Final = 30 * DAY
KEEP_SEEN: Final = 45 * DAY
KEEP_PACKAGE: Final = 60 * DAY


def wants_path(ctx: Context, talk: Talk) -> bool:
    """The host's group has had no commit for a day."""
    c = talk.conversation
    joined = any(peer.address is not None for peer in c.peers)
    return (
        talk.hosting is not None
        and c.phase is Phase.OPEN
        and joined
        and ctx.now - c.committed_at >= PATH_EVERY
    )


def wants_renewal(ctx: Context, talk: Talk) -> bool:
    """A member's keys are a week old."""
    c = talk.conversation
    member = talk.hosting is None and c.phase is Phase.OPEN and bool(talk.groups) and c.revision > 0
    return member and ctx.now - c.renewed_at >= RENEW_EVERY
