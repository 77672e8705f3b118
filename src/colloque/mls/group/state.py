"""One member's whole state of a group in one epoch. A value: every step gives a new one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from colloque.mls.codec import Reader, vector
from colloque.mls.crypto.suite import Suite
from colloque.mls.framing.content import AuthenticatedContent
from colloque.mls.group.policy import Policy
from colloque.mls.messages.leaf_node import LeafNode
from colloque.mls.messages.proposal import ReInit
from colloque.mls.messages.welcome import GroupContext
from colloque.mls.schedule.key_schedule import EpochSecrets
from colloque.mls.schedule.secret_tree import SecretTree
from colloque.mls.tree.ratchet_tree import RatchetTree
from colloque.mls.tree.treekem import PrivateTree

Random = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a group. `encryption_key` is empty for members of past epochs."""

    leaf_index: int
    identity: bytes
    signature_key: bytes
    encryption_key: bytes = field(default=b"", repr=False)


def member(index: int, leaf: LeafNode) -> Member:
    return Member(index, leaf.credential.identity, leaf.signature_key, leaf.encryption_key)


@dataclass(frozen=True, slots=True)
class PastSecrets:
    """What is kept of an epoch that is over, for late messages and resumption keys. `people`: its members, encoded."""

    context: bytes
    sender_data: bytes = field(repr=False)
    resumption_psk: bytes = field(repr=False)
    secret_tree: SecretTree = field(repr=False)
    people: bytes = field(repr=False)

    @property
    def members(self) -> tuple[Member, ...]:
        return _read_people(self.people)

    def encode(self) -> bytes:
        secrets = vector(self.sender_data) + vector(self.resumption_psk) + self.secret_tree.encode()
        return vector(self.context) + secrets + vector(self.people)

    @classmethod
    def decode(cls, data: bytes) -> PastSecrets:
        source = Reader(data)
        head = source.opaque(), source.opaque(), source.opaque(), SecretTree.read(source)
        people = source.opaque()
        source.end()
        _read_people(people)
        return cls(*head, people)


def _read_people(people: bytes) -> tuple[Member, ...]:
    """Raises `DecodeError`."""
    return Reader(vector(people)).vector(lambda r: Member(r.uint(4), r.opaque(), r.opaque()))


@dataclass(frozen=True, slots=True)
class PastEpoch:
    """A past epoch as it is stored: read only when a late message needs it."""

    epoch: int
    stored: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class State:
    """`pending`: proposals that wait for a commit, by reference; `updates`: the private keys of my own Updates among them.
    `reinit`: what the last commit announced in this group's place, if it ended it."""

    suite: Suite
    context: GroupContext
    interim_hash: bytes
    tree: RatchetTree
    private: PrivateTree = field(repr=False)
    secrets: EpochSecrets = field(repr=False)
    secret_tree: SecretTree = field(repr=False)
    signer: bytes = field(repr=False)
    policy: Policy
    pending: Mapping[bytes, AuthenticatedContent] = field(default_factory=dict, repr=False)
    updates: Mapping[bytes, bytes] = field(default_factory=dict, repr=False)
    past: tuple[PastEpoch, ...] = field(default=(), repr=False)
    reinit: ReInit | None = None

    @property
    def own(self) -> int:
        return self.private.own

    def members(self) -> tuple[Member, ...]:
        return tuple(member(index, leaf) for index, leaf in self.tree.leaves())

    def past_secrets(self, epoch: int) -> PastSecrets | None:
        found = next((p for p in self.past if p.epoch == epoch), None)
        return None if found is None else PastSecrets.decode(found.stored)

    def resumption_psk(self, epoch: int) -> bytes | None:
        """Of this epoch, or of a past one within the window (RFC 9420 8.6)."""
        if epoch == self.context.epoch:
            return self.secrets.resumption_psk
        past = self.past_secrets(epoch)
        return None if past is None else past.resumption_psk

    def members_at(self, epoch: int) -> tuple[Member, ...] | None:
        """Who was in the group then, within the window."""
        if epoch == self.context.epoch:
            return self.members()
        past = self.past_secrets(epoch)
        return None if past is None else past.members
