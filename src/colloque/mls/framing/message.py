"""MLSMessage: the outermost frame (RFC 9420 6), and what can be read of it without any key."""

from __future__ import annotations

from dataclasses import dataclass

from colloque.mls.codec import Reader, Wire, u16
from colloque.mls.errors import DecodeError, UnsupportedVersion
from colloque.mls.framing.content import MLS10, WireFormat
from colloque.mls.framing.private_message import PrivateMessage
from colloque.mls.framing.public_message import PublicMessage
from colloque.mls.messages.key_package import KeyPackage
from colloque.mls.messages.welcome import GroupInfo, Welcome

Body = PublicMessage | PrivateMessage | Welcome | GroupInfo | KeyPackage

_FORMATS: dict[type, WireFormat] = {
    PublicMessage: WireFormat.PUBLIC,
    PrivateMessage: WireFormat.PRIVATE,
    Welcome: WireFormat.WELCOME,
    GroupInfo: WireFormat.GROUP_INFO,
    KeyPackage: WireFormat.KEY_PACKAGE,
}


@dataclass(frozen=True, slots=True)
class MlsMessage(Wire):
    body: Body

    def encode(self) -> bytes:
        return u16(MLS10) + u16(_FORMATS[type(self.body)]) + self.body.encode()

    @classmethod
    def read(cls, source: Reader) -> MlsMessage:
        if source.uint(2) != MLS10:
            raise UnsupportedVersion
        number = source.uint(2)
        for kind, known in _FORMATS.items():
            if known == number:
                return cls(kind.read(source))  # type: ignore[attr-defined]
        raise DecodeError("a message of an unknown wire format")


@dataclass(frozen=True, slots=True)
class Peek:
    """`kind`: "public", "private", "welcome", "group_info" or "key_package"."""

    kind: str
    group_id: bytes | None = None
    epoch: int | None = None
    content_type: int | None = None
    key_package_refs: tuple[bytes, ...] = ()


def peek(message: bytes) -> Peek:
    """The clear header of a message; raises `DecodeError`."""
    body = MlsMessage.decode(message).body
    match body:
        case PublicMessage():
            return Peek("public", body.content.group_id, body.content.epoch, body.content.type)
        case PrivateMessage():
            return Peek("private", body.group_id, body.epoch, body.type)
        case Welcome():
            return Peek("welcome", key_package_refs=tuple(s.new_member for s in body.secrets))
        case GroupInfo():
            return Peek("group_info", body.context.group_id, body.context.epoch)
        case KeyPackage():
            return Peek("key_package")
