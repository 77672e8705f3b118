"""The roster: who is in a conversation, and where *this* reader writes to each; from the host, to one member at a time.

Sent to each member apart, since every address holds a capability of that member's own (`spec/sessions.md` S12).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from colloque.wire.address import QueueAddress
from colloque.wire.codec import Reader, WireError, Writer
from colloque.wire.profile import NAME_BYTES, Profile, check_name
from colloque.wire.signing import SIGNATURE_KEY_BYTES

MEMBERS = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One other member: their key, what they state of themself, where to write to them, and which of *my* queue's
    capabilities they were given (its index; `spare` where the host keeps it)."""

    signature_key: bytes
    profile: Profile
    address: QueueAddress
    my_writer: int

    def write_to(self, out: Writer) -> None:
        self.profile.write_to(out.fixed(self.signature_key, SIGNATURE_KEY_BYTES))
        self.address.write_to(out).uint(self.my_writer, 1)

    @classmethod
    def read_from(cls, source: Reader) -> Entry:
        return cls(
            source.fixed(SIGNATURE_KEY_BYTES),
            Profile.read_from(source),
            QueueAddress.read_from(source),
            source.uint(1),
        )


@dataclass(frozen=True, slots=True)
class Roster:
    """`revision` only grows; `recovery` is the secret that host and this member share for a later return."""

    KIND: ClassVar[int] = 5
    revision: int
    name: str
    host: bytes
    second_host: bytes
    recovery: bytes = field(repr=False)
    entries: tuple[Entry, ...]

    def write_to(self, out: Writer) -> None:
        out.uint(self.revision, 8).text(check_name(self.name), NAME_BYTES, 1).fixed(
            self.host, SIGNATURE_KEY_BYTES
        )
        out.opaque(self.second_host, SIGNATURE_KEY_BYTES, 1).fixed(self.recovery, 32)
        out.list(self.entries, lambda w, entry: entry.write_to(w), MEMBERS)

    @classmethod
    def read_from(cls, source: Reader) -> Roster:
        revision, name = source.uint(8), check_name(source.text(NAME_BYTES, 1))
        host, second = source.fixed(SIGNATURE_KEY_BYTES), source.opaque(SIGNATURE_KEY_BYTES, 1)
        if len(second) not in (0, SIGNATURE_KEY_BYTES):
            raise WireError("a second host's key has the wrong length")
        recovery, entries = source.fixed(32), source.list(Entry.read_from, MEMBERS)
        if len({entry.signature_key for entry in entries}) != len(entries):
            raise WireError("a roster names somebody twice")
        return cls(revision, name, host, second, recovery, entries)
