"""What a member asks of the host, and a host of somebody whom it would add. Members send no MLS proposals (S15)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar

from colloque.wire.address import ORIGIN_BYTES, QueueOffer, check_origin
from colloque.wire.codec import Reader, WireError, Writer
from colloque.wire.hello import CONVERSATION_BYTES, KEY_PACKAGE_BYTES
from colloque.wire.profile import NAME_BYTES, Profile, check_name
from colloque.wire.sizes import GRANT_BYTES


class WishKind(IntEnum):
    RENEW = 1
    LEAVE = 2


@dataclass(frozen=True, slots=True)
class Wish:
    """A member's: to renew its keys, with a fresh KeyPackage; or to leave, with none."""

    KIND: ClassVar[int] = 6
    wish: WishKind
    key_package: bytes = field(repr=False, default=b"")

    def write_to(self, out: Writer) -> None:
        out.uint(self.wish, 1).opaque(self.key_package, KEY_PACKAGE_BYTES)

    @classmethod
    def read_from(cls, source: Reader) -> Wish:
        wish = source.uint(1)
        if wish not in list(WishKind):
            raise WireError("an unknown wish")
        return cls(WishKind(wish), source.opaque(KEY_PACKAGE_BYTES))


@dataclass(frozen=True, slots=True)
class Ask:
    """A host's, in the conversation of two: come into the conversation `conversation`, called `name`.

    `grant`: good for one queue for each who is asked, at `relay`, for those who have no token of their own.
    """

    KIND: ClassVar[int] = 7
    conversation: bytes
    name: str
    succession: int
    relay: str
    grant: bytes = field(repr=False)

    def write_to(self, out: Writer) -> None:
        out.fixed(self.conversation, CONVERSATION_BYTES).text(check_name(self.name), NAME_BYTES, 1).uint(
            self.succession, 4
        )
        out.text(check_origin(self.relay), ORIGIN_BYTES, 1).opaque(self.grant, GRANT_BYTES, 1)

    @classmethod
    def read_from(cls, source: Reader) -> Ask:
        conversation, name = source.fixed(CONVERSATION_BYTES), check_name(source.text(NAME_BYTES, 1))
        succession, relay = source.uint(4), check_origin(source.text(ORIGIN_BYTES, 1))
        return cls(conversation, name, succession, relay, source.opaque(GRANT_BYTES, 1))


@dataclass(frozen=True, slots=True)
class Offer:
    """The answer to an `Ask`: a fresh KeyPackage, and a queue made for that conversation."""

    KIND: ClassVar[int] = 8
    conversation: bytes
    succession: int
    queue: QueueOffer
    key_package: bytes = field(repr=False)

    def write_to(self, out: Writer) -> None:
        out.fixed(self.conversation, CONVERSATION_BYTES).uint(self.succession, 4)
        self.queue.write_to(out).opaque(self.key_package, KEY_PACKAGE_BYTES)

    @classmethod
    def read_from(cls, source: Reader) -> Offer:
        return cls(
            source.fixed(CONVERSATION_BYTES),
            source.uint(4),
            QueueOffer.read_from(source),
            source.opaque(KEY_PACKAGE_BYTES),
        )


@dataclass(frozen=True, slots=True)
class Stated:
    """A member's new name, profession or number."""

    KIND: ClassVar[int] = 9
    profile: Profile

    def write_to(self, out: Writer) -> None:
        self.profile.write_to(out)

    @classmethod
    def read_from(cls, source: Reader) -> Stated:
        return cls(Profile.read_from(source))
