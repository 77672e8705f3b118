"""What a member of either kind does: the tests are written over this, and do not know who is behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

LABEL, CONTEXT, LENGTH = "colloque interop", b"the same for everybody", 40

Psks = Mapping[bytes, bytes]
"""External pre-shared keys: secret by id."""


class Refused(Exception):
    """A member refused what it was given, by the name of its error; it is then as it was before."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(f"{name}: {detail}")
        self.name = name


@dataclass(frozen=True, slots=True)
class Person:
    leaf_index: int
    identity: bytes
    signature_key: bytes
    encryption_key: bytes


@dataclass(frozen=True, slots=True)
class View:
    """All that members of one epoch must agree on. `own_leaf` is the one part that differs."""

    group_id: bytes
    epoch: int
    tree_hash: bytes
    epoch_authenticator: bytes
    exported: bytes
    members: tuple[Person, ...]
    tree: bytes = field(repr=False)
    own_leaf: int = field(compare=False)

    def leaf_of(self, identity: bytes) -> int:
        return next(p.leaf_index for p in self.members if p.identity == identity)


@dataclass(frozen=True, slots=True)
class Sent:
    """A commit: the message for members, and for those added a Welcome, with the tree where it goes apart."""

    message: bytes
    welcome: bytes | None = None
    ratchet_tree: bytes | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """`kind`: "application", "proposal" or "commit"."""

    kind: str
    sender: int
    plaintext: bytes | None = None
    authenticated_data: bytes = b""
    self_removed: bool = False
    epoch: int | None = None
    generation: int | None = None


class Member(Protocol):
    name: str
    suite: int

    @property
    def kind(self) -> str: ...

    @property
    def signature_key(self) -> bytes: ...

    def key_package(self) -> bytes:
        """A fresh KeyPackage as an MLSMessage, always with the same signature key."""

    def create(self, group_id: bytes) -> None: ...

    def join(self, welcome: bytes, ratchet_tree: bytes | None = None, psks: Psks | None = None) -> None: ...

    def commit(
        self,
        *,
        add: Sequence[bytes] = (),
        remove: Sequence[int] = (),
        psks: Psks | None = None,
        known_psks: Psks | None = None,
        extensions: Sequence[tuple[int, bytes]] | None = None,
        path: bool = True,
        public: bool = False,
        tree_in_welcome: bool = True,
    ) -> Sent:
        """Stages a commit of all proposals that wait and of these. `path=False`: none where allowed."""

    def merge(self) -> None: ...

    def drop(self) -> None: ...

    def propose_add(self, package: bytes, *, public: bool = False) -> bytes: ...

    def propose_remove(self, leaf: int, *, public: bool = False) -> bytes: ...

    def propose_psk(self, ident: bytes, *, public: bool = False) -> bytes: ...

    def group_info(self, *, bare: bool) -> bytes:
        """For newcomers from outside. `bare`: with the external key in the form that ts-mls reads."""

    def enter(self, group_info: bytes, *, resync: bool = False) -> bytes:
        """Stages an external commit."""

    def ask(self, group_info: bytes) -> bytes:
        """Proposes to add oneself; `join` takes the Welcome that comes of it."""

    def reinit(self, group_id: bytes) -> bytes:
        """Stages a commit that ends the group."""

    def follow(self, packages: Sequence[bytes], branch: bytes | None = None) -> Sent:
        """Founds the group in this one's place, or a branch by that id, and is in it. The message is empty."""

    def join_following(self, sent: Sent, *, branch: bool) -> None: ...

    def send(self, plaintext: bytes, authenticated_data: bytes = b"") -> bytes: ...

    def process(self, message: bytes, psks: Psks | None = None) -> Received: ...

    def view(self) -> View: ...

    def save(self) -> bytes: ...

    def load(self, state: bytes) -> None: ...
