"""`Group`: one member's view of a group, as a value. Every call that changes something gives the changed group back.

To send is to keep the group that came back: the one before must never send again, or a key would be used twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from colloque.mls.crypto.suite import Suite, suite
from colloque.mls.errors import CommitPending, GroupInfoMismatch, GroupReinitialized, NotAllowedByPolicy
from colloque.mls.framing.content import MLS10, ContentType, WireFormat
from colloque.mls.framing.message import MlsMessage
from colloque.mls.group import commit as committing
from colloque.mls.group import create as creating
from colloque.mls.group import enter as entering
from colloque.mls.group import follow as following
from colloque.mls.group import join as joining
from colloque.mls.group import process as processing
from colloque.mls.group import propose as proposing
from colloque.mls.group.create import SignatureKey
from colloque.mls.group.events import Application, Committed, Event, Proposed, Sending, Staged
from colloque.mls.group.info import group_info
from colloque.mls.group.policy import DEFAULT, Policy
from colloque.mls.group.psks import PskStore
from colloque.mls.group.receive_commit import Entered
from colloque.mls.group.sealing import content_of, seal, signed
from colloque.mls.group.state import Member, Random, State
from colloque.mls.group.storage import decode_state, encode_state
from colloque.mls.messages.extension import Extensions
from colloque.mls.messages.key_package import KeyPackage, KeyPackageSecrets
from colloque.mls.messages.leaf_node import Capabilities, Credential, Lifetime
from colloque.mls.messages.proposal import (
    Add,
    GroupContextExtensions,
    PreSharedKey,
    Proposal,
    ReInit,
    Remove,
)
from colloque.mls.messages.psk import Psk, PskId, PskType
from colloque.mls.messages.welcome import GroupInfo, Welcome
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
        identity: bytes | Credential,
        random: Random,
        now: int,
        *,
        policy: Policy = DEFAULT,
        lifetime: Lifetime | None = None,
        extensions: Extensions = (),
        capabilities: Capabilities | None = None,
    ) -> Group:
        """A new group of one. `now` in seconds since the epoch."""
        how = policy, extensions, lifetime, capabilities
        return cls(creating.create(suite, group_id, signer, identity, random, now, *how))

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
        groups: Sequence[Group] = (),
    ) -> Group:
        """The group that a Welcome leads into. `psks`: external keys by id. `ratchet_tree`: where it came apart.

        `groups`: those that one is or was in: no two may have one id, and a reinit or a branch is held against them.
        """
        body = MlsMessage.decode(welcome).body
        if not isinstance(body, Welcome):
            raise GroupInfoMismatch("not a Welcome")
        newcomer = joining.Newcomer(key_package, secrets, signer, _store(psks, groups))
        return cls(joining.join(body, newcomer, ratchet_tree, policy, now))

    @classmethod
    def join_external(
        cls,
        info: bytes,
        signer: SignatureKey,
        identity: bytes | Credential,
        random: Random,
        now: int,
        *,
        resync: bool = False,
        psks: Sequence[Psk] = (),
        ratchet_tree: bytes | None = None,
        policy: Policy = DEFAULT,
        groups: Sequence[Group] = (),
        capabilities: Capabilities | None = None,
        authenticated_data: bytes = b"",
    ) -> Staged:
        """Enters by a commit of one's own, which the members' policies have to allow. `info`: what `group_info` gave.

        `resync`: takes the place of an older leaf with the same credential. Keep `staged.group` once the commit was accepted.
        """
        body = MlsMessage.decode(info).body
        if not isinstance(body, GroupInfo):
            raise GroupInfoMismatch("not a group info")
        size = suite(body.context.suite).hash_bytes
        leaf = creating.new_leaf(b"", signer.public, identity, None, (), capabilities)
        wanted = [PskId(PskType.EXTERNAL, random(size), psk.id) for psk in psks]
        store = _store({psk.id: psk.secret for psk in psks}, groups)
        joiner = entering.Joiner(leaf, signer.private, resync, store, wanted, authenticated_data)
        return _staged(entering.enter(body, ratchet_tree, joiner, policy, random, now))

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

    @property
    def reinit(self) -> ReInit | None:
        """What takes this group's place, once a reinit was committed: it sends and changes no more."""
        return self.state.reinit

    def credential(self, leaf: int) -> Credential:
        """For the application to validate: this library carries credentials, and vouches for none."""
        return self.state.tree.leaf(leaf).credential

    def with_policy(self, policy: Policy) -> Group:
        return Group(replace(self.state, policy=policy))

    def export(self, label: str, context: bytes, length: int) -> bytes:
        """A secret for the application (RFC 9420 8.5)."""
        return export(self.suite, self.state.secrets.exporter, label, context, length)

    def group_info(self, *, external: bool = True, tree: bool = True, extensions: Extensions = ()) -> bytes:
        """What somebody needs who enters from outside, for this epoch alone. Refused where the policy lets nobody in."""
        if external and not self.policy.external_commits:
            raise NotAllowedByPolicy("a group info for newcomers from outside")
        return MlsMessage(
            group_info(self.state, tree=tree, external=external, extensions=extensions)
        ).encode()

    # --- sending ---

    def sending(
        self, plaintext: bytes, random: Random, *, authenticated_data: bytes = b"", padding_to: int = 0
    ) -> Sending:
        """As `protect`, with the message handed out only once the state is stored: the way that cannot go wrong."""
        return Sending(
            *self.protect(plaintext, random, authenticated_data=authenticated_data, padding_to=padding_to)
        )

    def protect(
        self, plaintext: bytes, random: Random, *, authenticated_data: bytes = b"", padding_to: int = 0
    ) -> tuple[Group, bytes]:
        """Application data, encrypted and signed. Refused while proposals wait (RFC 9420 6.1)."""
        # MUST 12.4.2-2
        if self.state.reinit is not None:
            raise GroupReinitialized
        # MUST 12.4-1, 15.2-2
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
        resume: Sequence[int] = (),
        group_context_extensions: Extensions | None = None,
        by_reference: Sequence[bytes] = (),
        known_psks: Mapping[bytes, bytes] | None = None,
        path: bool = True,
        authenticated_data: bytes = b"",
        tree_in_welcome: bool = True,
        wire: str = "private",
    ) -> Staged:
        """A commit, not yet merged: keep `staged.group` to merge it, drop it to have done nothing.

        `psks` are proposed by value; `known_psks` are the secrets for those that others proposed. `resume`: past epochs of this
        group whose resumption keys are mixed in: those who were not in them cannot follow.
        """
        keys = proposing.keys_by_value(self.state, psks, resume, random)
        context = group_context_extensions
        proposals = (
            *(Remove(leaf) for leaf in remove),
            *(Add(package) for package in add),
            *keys,
            *(() if context is None else (GroupContextExtensions(context),)),
        )
        order = committing.Order(
            proposals, by_reference, path, authenticated_data, tree_in_welcome, proposing.wire_format(wire)
        )
        secrets = {**(known_psks or {}), **{psk.id: psk.secret for psk in psks}}
        return _staged(committing.make_commit(self.state, order, PskStore(secrets), random, now))

    def commit_reinit(
        self,
        group_id: bytes,
        random: Random,
        now: int,
        *,
        suite: Suite | None = None,
        extensions: Extensions | None = None,
        wire: str = "private",
    ) -> Staged:
        """Ends this group, and says what takes its place: then anybody of it calls `reinitialize`."""
        proposal = self._reinit(group_id, suite, extensions)
        order = committing.Order((proposal,), wire=proposing.wire_format(wire))
        return _staged(committing.make_commit(self.state, order, PskStore(), random, now))

    def reinitialize(
        self,
        signer: SignatureKey,
        packages: Sequence[KeyPackage],
        random: Random,
        now: int,
        *,
        policy: Policy = DEFAULT,
        tree_in_welcome: bool = True,
    ) -> Staged:
        """The group that a committed reinit announced. `packages`: fresh ones of all the other members."""
        how = following.Founding(signer, packages, policy, now, tree_in_welcome)
        return _staged(following.reinitialize(self.state, how, random))

    def branch(
        self,
        group_id: bytes,
        signer: SignatureKey,
        packages: Sequence[KeyPackage],
        random: Random,
        now: int,
        *,
        policy: Policy = DEFAULT,
        tree_in_welcome: bool = True,
    ) -> Staged:
        """A new group with some of the members, by fresh key packages of theirs."""
        how = following.Founding(signer, packages, policy, now, tree_in_welcome)
        return _staged(following.branch(self.state, group_id, how, random))

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

    def propose_reinit(
        self,
        group_id: bytes,
        random: Random,
        now: int,
        *,
        suite: Suite | None = None,
        extensions: Extensions | None = None,
        wire: str = "private",
    ) -> tuple[Group, bytes]:
        return self._propose(self._reinit(group_id, suite, extensions), random, now, wire)

    def _reinit(self, group_id: bytes, suite: Suite | None, extensions: Extensions | None) -> ReInit:
        kept = self.state.context.extensions if extensions is None else extensions
        return ReInit(group_id, MLS10, (suite or self.suite).number, kept)

    def propose_update(self, random: Random, now: int, *, wire: str = "private") -> tuple[Group, bytes]:
        """A fresh leaf key of one's own, to be committed by somebody else."""
        return _proposed(proposing.propose_update(self.state, random, now, wire))

    def _propose(self, proposal: Proposal, random: Random, now: int, wire: str) -> tuple[Group, bytes]:
        return _proposed(proposing.propose(self.state, proposal, random, now, wire))

    def pending(self) -> tuple[bytes, ...]:
        """References of the proposals that wait for a commit."""
        return tuple(self.state.pending)

    # --- receiving ---

    def process(
        self,
        message: bytes,
        now: int,
        *,
        psks: Mapping[bytes, bytes] | None = None,
        groups: Sequence[Group] = (),
    ) -> Event:
        """Any message but a Welcome; raises `MlsError`, and then nothing has changed."""
        found = processing.process(self.state, message, _store(psks, groups), now)
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
            case Entered():
                return Committed(
                    Group(found.state),
                    found.sender,
                    found.added,
                    found.removed,
                    found.self_removed,
                    found.authenticated_data,
                    found.changed,
                    found.reinit,
                )

    # --- storing ---

    def to_bytes(self) -> bytes:
        """Holds secrets: for an encrypted store only."""
        return encode_state(self.state)

    @classmethod
    def from_bytes(cls, data: bytes) -> Group:
        return cls(decode_state(data))


def _store(psks: Mapping[bytes, bytes] | None, groups: Sequence[Group]) -> PskStore:
    return PskStore(psks or {}, tuple(group.state for group in groups))


def _staged(made: committing.Made) -> Staged:
    return Staged(Group(made.state), made.message, made.welcome, made.ratchet_tree)


def _proposed(done: tuple[State, bytes]) -> tuple[Group, bytes]:
    return Group(done[0]), done[1]
