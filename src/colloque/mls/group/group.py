"""`Group`: one member's view of a group, as a value. Every call that changes something gives the changed group back.

To send is to keep the group that came back: the one before must never send again, or a key would be used twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from colloque.mls.crypto.suite import Suite
from colloque.mls.errors import CommitPending, GroupInfoMismatch
from colloque.mls.framing.content import ContentType, WireFormat
from colloque.mls.framing.message import MlsMessage
from colloque.mls.group import commit as committing
from colloque.mls.group import create as creating
from colloque.mls.group import join as joining
from colloque.mls.group import process as processing
from colloque.mls.group.create import SignatureKey
from colloque.mls.group.policy import DEFAULT, Policy
from colloque.mls.group.proposals import check_proposal
from colloque.mls.group.sealing import content_of, seal, signed
from colloque.mls.group.state import Member, Random, State
from colloque.mls.group.storage import decode_state, encode_state
from colloque.mls.messages.extension import Extensions
from colloque.mls.messages.key_package import KeyPackage, KeyPackageSecrets
from colloque.mls.messages.leaf_node import Lifetime, Source
from colloque.mls.messages.proposal import (
    Add,
    GroupContextExtensions,
    PreSharedKey,
    Proposal,
    Remove,
    Update,
)
from colloque.mls.messages.psk import Psk, PskId, PskType
from colloque.mls.messages.welcome import Welcome
from colloque.mls.schedule.key_schedule import export


@dataclass(frozen=True, slots=True)
class Group:
    state: State = field(repr=False)

    def __repr__(self) -> str:
        return f"Group(epoch {self.epoch}, leaf {self.own_leaf} of {len(self.members())})"

    @classmethod
    def create(
        cls,
        suite: Suite,
        group_id: bytes,
        signer: SignatureKey,
        identity: bytes,
        random: Random,
        now: int,
        *,
        policy: Policy = DEFAULT,
        lifetime: Lifetime | None = None,
        extensions: Extensions = (),
    ) -> Group:
        """A new group of one. `now` in seconds since the epoch."""
        return cls(
            creating.create(suite, group_id, signer, identity, random, now, policy, extensions, lifetime)
        )

    @classmethod
    def join(
        cls,
        welcome: bytes,
        key_package: KeyPackage,
        secrets: KeyPackageSecrets,
        signer: SignatureKey,
        now: int,
        *,
        psks: Mapping[bytes, bytes] | None = None,
        ratchet_tree: bytes | None = None,
        policy: Policy = DEFAULT,
    ) -> Group:
        """The group that a Welcome leads into. `psks`: external keys by id. `ratchet_tree`: where it came apart."""
        body = MlsMessage.decode(welcome).body
        if not isinstance(body, Welcome):
            raise GroupInfoMismatch("not a Welcome")
        newcomer = joining.Newcomer(key_package, secrets, signer, psks or {})
        return cls(joining.join(body, newcomer, ratchet_tree, policy, now))

    # --- what it is ---

    @property
    def group_id(self) -> bytes:
        return self.state.context.group_id

    @property
    def epoch(self) -> int:
        return self.state.context.epoch

    @property
    def suite(self) -> Suite:
        return self.state.suite

    @property
    def own_leaf(self) -> int:
        return self.state.own

    @property
    def policy(self) -> Policy:
        return self.state.policy

    @property
    def epoch_authenticator(self) -> bytes:
        """The same for all members of an epoch, and for nobody else (RFC 9420 8.7)."""
        return self.state.secrets.authenticator

    def members(self) -> tuple[Member, ...]:
        return self.state.members()

    def signature_key(self, leaf: int) -> bytes:
        return self.state.tree.leaf(leaf).signature_key

    def with_policy(self, policy: Policy) -> Group:
        return Group(replace(self.state, policy=policy))

    def export(self, label: str, context: bytes, length: int) -> bytes:
        """A secret for the application (RFC 9420 8.5)."""
        return export(self.suite, self.state.secrets.exporter, label, context, length)

    # --- sending ---

    def protect(
        self, plaintext: bytes, random: Random, *, authenticated_data: bytes = b"", padding_to: int = 0
    ) -> tuple[Group, bytes]:
        """Application data, encrypted and signed. Refused while proposals wait (RFC 9420 6.1)."""
        if self.state.pending:
            raise CommitPending
        content = content_of(self.state, ContentType.APPLICATION, plaintext, authenticated_data)
        message = signed(self.state, WireFormat.PRIVATE, content)
        after, data = seal(self.state, message, random, padding_to)
        return Group(after), data

    def commit(
        self,
        random: Random,
        now: int,
        *,
        add: Sequence[KeyPackage] = (),
        remove: Sequence[int] = (),
        psks: Sequence[Psk] = (),
        group_context_extensions: Extensions | None = None,
        by_reference: Sequence[bytes] = (),
        known_psks: Mapping[bytes, bytes] | None = None,
        path: bool = True,
        authenticated_data: bytes = b"",
        tree_in_welcome: bool = True,
        wire: str = "private",
    ) -> Staged:
        """A commit, not yet merged: keep `staged.group` to merge it, drop it to have done nothing.

        `psks` are proposed by value; `known_psks` are the secrets for those that others proposed.
        """
        size = self.suite.hash_bytes
        extensions = (
            () if group_context_extensions is None else (GroupContextExtensions(group_context_extensions),)
        )
        proposals: tuple[Proposal, ...] = (
            *(Remove(leaf) for leaf in remove),
            *(Add(package) for package in add),
            *(PreSharedKey(PskId(PskType.EXTERNAL, random(size), psk.id)) for psk in psks),
            *extensions,
        )
        order = committing.Order(
            proposals, by_reference, path, authenticated_data, tree_in_welcome, _wire(wire)
        )
        secrets = {**(known_psks or {}), **{psk.id: psk.secret for psk in psks}}
        made = committing.make_commit(self.state, order, secrets, random, now)
        return Staged(Group(made.state), made.message, made.welcome, made.ratchet_tree)

    def propose_add(
        self, package: KeyPackage, random: Random, now: int, *, wire: str = "private"
    ) -> tuple[Group, bytes]:
        return self._propose(Add(package), random, now, wire)

    def propose_remove(
        self, leaf: int, random: Random, now: int, *, wire: str = "private"
    ) -> tuple[Group, bytes]:
        return self._propose(Remove(leaf), random, now, wire)

    def propose_psk(
        self, ident: bytes, random: Random, now: int, *, wire: str = "private"
    ) -> tuple[Group, bytes]:
        psk = PskId(PskType.EXTERNAL, random(self.suite.hash_bytes), ident)
        return self._propose(PreSharedKey(psk), random, now, wire)

    def propose_extensions(
        self, extensions: Extensions, random: Random, now: int, *, wire: str = "private"
    ) -> tuple[Group, bytes]:
        return self._propose(GroupContextExtensions(extensions), random, now, wire)

    def propose_update(self, random: Random, now: int, *, wire: str = "private") -> tuple[Group, bytes]:
        """A fresh leaf key of one's own, to be committed by somebody else."""
        private, public = self.suite.derive_key_pair(random(self.suite.hash_bytes))
        old = self.state.tree.leaf(self.own_leaf)
        fresh = replace(old, encryption_key=public, source=Source.UPDATE, lifetime=None, parent_hash=b"")
        leaf = fresh.sign(self.suite, self.state.signer, self.group_id, self.own_leaf)
        return self._propose(Update(leaf), random, now, wire, private)

    def _propose(
        self, proposal: Proposal, random: Random, now: int, wire: str, update: bytes | None = None
    ) -> tuple[Group, bytes]:
        content = content_of(self.state, ContentType.PROPOSAL, proposal, b"")
        check_proposal(self.state, proposal, content.sender, now)
        message = signed(self.state, _wire(wire), content)
        ref = message.ref(self.suite)
        after, data = seal(self.state, message, random)
        updates = {**after.updates, ref: update} if update is not None else after.updates
        return Group(replace(after, pending={**after.pending, ref: message}, updates=updates)), data

    def pending(self) -> tuple[bytes, ...]:
        """References of the proposals that wait for a commit."""
        return tuple(self.state.pending)

    # --- receiving ---

    def process(self, message: bytes, now: int, *, psks: Mapping[bytes, bytes] | None = None) -> Event:
        """Any message but a Welcome; raises `MlsError`, and then nothing has changed."""
        found = processing.process(self.state, message, psks or {}, now)
        match found:
            case processing.Opened():
                return Application(
                    Group(found.state),
                    found.sender,
                    found.epoch,
                    found.generation,
                    found.plaintext,
                    found.authenticated_data,
                )
            case processing.Waiting():
                return Proposed(Group(found.state), found.ref, found.sender, found.proposal)
            case processing.Entered():
                return Committed(
                    Group(found.state),
                    found.sender,
                    found.added,
                    found.removed,
                    found.self_removed,
                    found.authenticated_data,
                )

    # --- storing ---

    def to_bytes(self) -> bytes:
        """Holds secrets: for an encrypted store only."""
        return encode_state(self.state)

    @classmethod
    def from_bytes(cls, data: bytes) -> Group:
        return cls(decode_state(data))


@dataclass(frozen=True, slots=True)
class Staged:
    group: Group
    message: bytes = field(repr=False)
    welcome: bytes | None = field(repr=False)
    ratchet_tree: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Application:
    group: Group
    sender: Member
    epoch: int
    generation: int
    plaintext: bytes = field(repr=False)
    authenticated_data: bytes


@dataclass(frozen=True, slots=True)
class Proposed:
    group: Group
    ref: bytes
    sender: Member
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class Committed:
    """With `self_removed`, `group` is the old one: it opens late messages of its epochs, and nothing else."""

    group: Group
    sender: Member
    added: tuple[Member, ...]
    removed: tuple[Member, ...]
    self_removed: bool
    authenticated_data: bytes


Event = Application | Proposed | Committed


def _wire(name: str) -> WireFormat:
    return {"private": WireFormat.PRIVATE, "public": WireFormat.PUBLIC}[name]
