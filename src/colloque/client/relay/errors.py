"""What can go wrong between a client and a relay. None of these quotes a capability."""

from __future__ import annotations

from colloque.wire.frames.answers import Code


class RelayError(Exception):
    """The one family."""


class Unreachable(RelayError):
    """The relay does not answer, or the line broke: try again later."""


class UnsafeRelay(RelayError):
    """The relay's numbers are not safe for mail, or it is none."""


class TakenOver(RelayError):
    """Another program reads this queue now."""


class Refused(RelayError):
    """The relay will not."""

    def __init__(self, code: Code, retry_after: int = 0) -> None:
        super().__init__(_WORDS[code])
        self.code = code
        self.retry_after = retry_after
        """Milliseconds; 0 where trying again is of no use."""


class NoQueue(Refused):
    """No such queue, or expired, or the capability is not, or no longer, right."""


class Full(Refused):
    """Not now: the queue or the relay is full."""


class GrantRefused(Refused):
    """The token or grant is missing, ended or used up."""


_WORDS = {
    Code.NO: "the relay knows no such queue, card or chunk",
    Code.FULL: "the relay, or the queue, is full: try later",
    Code.RATE: "too many at once for this relay: try later",
    Code.GRANT: "the relay wants a token (`colloque token TOKEN`), or this one is used up",
    Code.BEYOND: "a confirmation of what was never handed out",
    Code.BAD: "the relay did not understand",
    Code.CLOSING: "the relay is closing",
}
_KINDS: dict[Code, type[Refused]] = {
    Code.NO: NoQueue,
    Code.FULL: Full,
    Code.RATE: Full,
    Code.CLOSING: Full,
    Code.GRANT: GrantRefused,
}


def refusal(code: Code, retry_after: int = 0) -> Refused:
    return _KINDS.get(code, Refused)(code, retry_after)
