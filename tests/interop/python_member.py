"""A member of `colloque.mls`, through its public doorway alone."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from colloque.mls.api import (
    Add,
    Application,
    Committed,
    Extension,
    Group,
    KeyPackage,
    KeyPackageSecrets,
    Lifetime,
    MlsError,
    Policy,
    Psk,
    SignatureKey,
    new_key_package,
    peek,
    propose_outside,
    suite,
)
from colloque.mls.api import Member as Sender
from colloque.mls.messages.extension import EXTERNAL_PUB

from .member import CONTEXT, LABEL, LENGTH, Person, Psks, Received, Refused, Sent, View

KEY_PACKAGE_HEADER = bytes((0, 1, 0, 5))
"""MLSMessage: version mls10, wire format mls_key_package."""
DAY = 86_400
BRANCH = b"a branch"
LOOSE = Policy(
    external_commits=True,
    external_resync=True,
    external_proposals=True,
    newcomer_proposals=True,
    reinit=True,
)


def _now() -> int:
    return int(time.time())


@contextmanager
def _refusals() -> Iterator[None]:
    """Only the documented family is a refusal; any other exception is a fault, and fails the test."""
    try:
        yield
    except MlsError as error:
        raise Refused(type(error).__name__, str(error)) from error


class PythonMember:
    kind = "python"

    def __init__(self, name: str, number: int, *, padding: int = 256, policy: Policy | None = None) -> None:
        self.name = name
        self.suite = number
        self._suite = suite(number)
        self._signer = SignatureKey.generate(self._suite)
        self._padding = padding
        self._policy = policy or LOOSE
        self._packages: dict[bytes, tuple[KeyPackage, KeyPackageSecrets]] = {}
        self._group: Group | None = None
        self._staged: Group | None = None

    @property
    def signature_key(self) -> bytes:
        return self._signer.public

    @property
    def group(self) -> Group:
        assert self._group is not None
        return self._group

    def key_package(self) -> bytes:
        lifetime = Lifetime(_now() - DAY, _now() + 30 * DAY)
        made = new_key_package(self._suite, self._signer, self.name.encode(), lifetime, os.urandom)
        self._packages[made[0].ref] = made
        return KEY_PACKAGE_HEADER + made[0].to_bytes()

    def create(self, group_id: bytes) -> None:
        self._group = Group.create(
            self._suite, group_id, self._signer, self.name.encode(), os.urandom, _now(), policy=self._policy
        )

    def join(
        self,
        welcome: bytes,
        ratchet_tree: bytes | None = None,
        psks: Psks | None = None,
        groups: Sequence[Group] = (),
    ) -> None:
        with _refusals():
            refs = [ref for ref in peek(welcome).key_package_refs if ref in self._packages]
            if not refs:
                raise Refused("WelcomeNotForUs", "no key package of ours")
            package, secrets = self._packages[refs[0]]
            self._group = Group.join(
                welcome,
                package,
                secrets,
                self._signer,
                _now(),
                psks=psks or {},
                ratchet_tree=ratchet_tree,
                policy=self._policy,
                groups=groups,
            )
        del self._packages[refs[0]]

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
        with _refusals():
            staged = self.group.commit(
                os.urandom,
                _now(),
                add=[_package(message) for message in add],
                remove=remove,
                psks=[Psk(ident, secret) for ident, secret in (psks or {}).items()],
                known_psks=known_psks,
                group_context_extensions=None
                if extensions is None
                else tuple(Extension(*extension) for extension in extensions),
                by_reference=self.group.pending(),
                path=path,
                tree_in_welcome=tree_in_welcome,
                wire=_wire(public),
            )
        self._staged = staged.group
        return Sent(staged.message, staged.welcome, staged.ratchet_tree)

    def merge(self) -> None:
        assert self._staged is not None
        self._group, self._staged = self._staged, None

    def drop(self) -> None:
        self._staged = None

    def propose_add(self, package: bytes, *, public: bool = False) -> bytes:
        return self._keep(self.group.propose_add(_package(package), os.urandom, _now(), wire=_wire(public)))

    def propose_remove(self, leaf: int, *, public: bool = False) -> bytes:
        return self._keep(self.group.propose_remove(leaf, os.urandom, _now(), wire=_wire(public)))

    def propose_psk(self, ident: bytes, *, public: bool = False) -> bytes:
        return self._keep(self.group.propose_psk(ident, os.urandom, _now(), wire=_wire(public)))

    def propose_update(self, *, public: bool = False) -> bytes:
        return self._keep(self.group.propose_update(os.urandom, _now(), wire=_wire(public)))

    def group_info(self, *, bare: bool) -> bytes:
        if not bare:
            return self.group.group_info()
        key = self._suite.derive_key_pair(self.group.state.secrets.external)[1]
        return self.group.group_info(external=False, extensions=(Extension(EXTERNAL_PUB, key),))

    def enter(self, group_info: bytes, *, resync: bool = False) -> bytes:
        with _refusals():
            staged = Group.join_external(
                group_info,
                self._signer,
                self.name.encode(),
                os.urandom,
                _now(),
                resync=resync,
                policy=self._policy,
            )
        self._staged = staged.group
        return staged.message

    def ask(self, group_info: bytes) -> bytes:
        seen = peek(group_info)
        assert seen.group_id is not None
        assert seen.epoch is not None
        package = _package(self.key_package())
        key = self._signer.private
        return propose_outside(self.suite, seen.group_id, seen.epoch, Add(package), key, None)

    def reinit(self, group_id: bytes) -> bytes:
        with _refusals():
            staged = self.group.commit_reinit(group_id, os.urandom, _now())
        self._staged = staged.group
        return staged.message

    def follow(self, packages: Sequence[bytes], branch: bytes | None = None) -> Sent:
        others = [_package(package) for package in packages]
        how = self._signer, others, os.urandom, _now()
        with _refusals():
            if branch is None:
                staged = self.group.reinitialize(*how, policy=self._policy)
            else:
                staged = self.group.branch(branch, *how, policy=self._policy)
        self._group = staged.group
        return Sent(b"", staged.welcome, staged.ratchet_tree)

    def join_following(self, sent: Sent, *, branch: bool) -> None:
        assert sent.welcome is not None
        self.join(sent.welcome, sent.ratchet_tree, groups=[self.group])
        assert branch == (self.group.reinit is None and self.group.group_id == BRANCH)

    def send(self, plaintext: bytes, authenticated_data: bytes = b"") -> bytes:
        with _refusals():
            return self._keep(
                self.group.protect(
                    plaintext,
                    os.urandom,
                    authenticated_data=authenticated_data,
                    padding_to=self._padding,
                )
            )

    def process(self, message: bytes, psks: Psks | None = None) -> Received:
        with _refusals():
            event = self.group.process(message, _now(), psks=psks or {})
        self._group = event.group
        sender = event.sender.leaf_index if isinstance(event.sender, Sender) else -1
        if isinstance(event, Application):
            return Received(
                "application",
                sender,
                event.plaintext,
                event.authenticated_data,
                epoch=event.epoch,
                generation=event.generation,
            )
        if isinstance(event, Committed):
            return Received("commit", sender, None, event.authenticated_data, event.self_removed)
        return Received("proposal", sender)

    def view(self) -> View:
        group = self.group
        return View(
            group.group_id,
            group.epoch,
            group.state.context.tree_hash,
            group.epoch_authenticator,
            group.export(LABEL, CONTEXT, LENGTH),
            tuple(
                Person(m.leaf_index, m.identity, m.signature_key, m.encryption_key) for m in group.members()
            ),
            group.state.tree.encode(),
            group.own_leaf,
        )

    def save(self) -> bytes:
        return self.group.to_bytes()

    def load(self, state: bytes) -> None:
        with _refusals():
            self._group = Group.from_bytes(state)

    def restart(self) -> None:
        """Through bytes and back, as a program that ends and starts again; nothing may be lost or change."""
        state = self.save()
        self.load(state)
        assert self.save() == state

    def _keep(self, made: tuple[Group, bytes]) -> bytes:
        self._group = made[0]
        return made[1]


def _package(message: bytes) -> KeyPackage:
    if not message.startswith(KEY_PACKAGE_HEADER):
        raise Refused("DecodeError", "not a key package")
    return KeyPackage.from_bytes(message[len(KEY_PACKAGE_HEADER) :])


def _wire(public: bool) -> str:
    return "public" if public else "private"
