"""A group as fuzzing needs it: four members, some history, a message of each kind, and the keys to make more of them."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from colloque.mls.api import (
    Committed,
    Group,
    KeyPackage,
    KeyPackageSecrets,
    Lifetime,
    Policy,
    Proposed,
    Psk,
    SignatureKey,
    Suite,
    new_key_package,
    suite,
    x509,
)
from colloque.mls.framing.content import AuthenticatedContent
from colloque.mls.framing.message import MlsMessage
from colloque.mls.framing.private_message import SenderData
from colloque.mls.messages.commit import Commit
from colloque.mls.messages.proposal import (
    Add,
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    Proposal,
    ReInit,
    Remove,
    Update,
)
from colloque.mls.messages.psk import PskId, PskType, Usage
from colloque.mls.messages.welcome import GroupSecrets, PathSecret
from colloque.mls.tree.nodes import _TypedNode

NOW = 1_800_000_000
R = os.urandom
OPEN = Policy(
    external_commits=True,
    external_resync=True,
    external_proposals=True,
    newcomer_proposals=True,
    reinit=True,
    past_epochs=4,
    skipped_generations=64,
    max_forward=64,
)
PSKS = {b"known": b"secret"}


@dataclass(frozen=True)
class Newcomer:
    signer: SignatureKey
    package: KeyPackage = field(repr=False)
    secrets: KeyPackageSecrets = field(repr=False)


def newcomer(kind: Suite, name: bytes) -> Newcomer:
    signer = SignatureKey.generate(kind)
    made = new_key_package(kind, signer, name, Lifetime(NOW - 60, NOW + 86_400), R, grease=True)
    return Newcomer(signer, *made)


class Scene:
    """`host` leaf 0, `guest` leaf 1, and two more, one of them unmerged; `waiting`: the host with proposals that wait."""

    def __init__(self, number: int = 1) -> None:
        self.kind = suite(number)
        signer = SignatureKey.generate(self.kind)
        group = Group.create(self.kind, b"group", signer, b"anne", R, NOW, policy=OPEN)
        guests = [newcomer(self.kind, name) for name in (b"bruno", b"chloe", b"denis")]
        staged = group.commit(R, NOW, add=[g.package for g in guests[:2]])
        self.host = staged.group
        self.guest = self.join(staged.welcome or b"", guests[0])
        third = self.join(staged.welcome or b"", guests[1])
        self.messages: list[bytes] = []
        _, self.late = self._say(self.guest)
        step = self.guest.commit(R, NOW, add=[guests[2].package], path=False)
        self.host, self.guest = _after(self.host, step.message), step.group
        third = _after(third, step.message)
        self.joiner = newcomer(self.kind, b"eva")
        self.third = third
        self.welcome, self.welcomed = self._welcome()
        self.info = self.host.group_info()
        self.waiting = self._propose()
        self._commits()

    def join(self, welcome: bytes, who: Newcomer) -> Group:
        keys = who.package, who.secrets, who.signer
        return Group.join(welcome, *keys, NOW, policy=OPEN, psks=PSKS)

    def _say(self, group: Group) -> tuple[Group, bytes]:
        after, message = group.protect(b"bonjour", R, authenticated_data=b"beside")
        self.messages.append(message)
        return after, message

    def _welcome(self) -> tuple[bytes, Group]:
        staged = self.host.commit(R, NOW, add=[self.joiner.package], psks=[Psk(b"known", b"secret")])
        return staged.welcome or b"", staged.group

    def _propose(self) -> Group:
        guest, waiting = self.guest, self.host
        more = newcomer(self.kind, b"felix").package
        for wire in ("private", "public"):
            how: dict[str, Any] = {"wire": wire}
            proposed = [guest.propose_update(R, NOW, **how)]
            proposed.append(proposed[-1][0].propose_remove(2, R, NOW, **how))
            proposed.append(proposed[-1][0].propose_psk(b"known", R, NOW, **how))
            proposed.append(proposed[-1][0].propose_add(more, R, NOW, **how))
            proposed.append(proposed[-1][0].propose_reinit(b"next", R, NOW, **how))
            guest = proposed[-1][0]
            self.messages += [message for _, message in proposed]
        event = waiting.process(self.messages[-5], NOW)
        assert isinstance(event, Proposed)
        return event.group

    def _commits(self) -> None:
        message = self._say(self._say(self.guest)[0])[1]
        self.spoken = self.host.process(message, NOW).group
        for wire in ("private", "public"):
            how: dict[str, Any] = {"wire": wire}
            self.messages += [
                self.guest.commit(R, NOW, **how).message,
                self.guest.commit(R, NOW, remove=[2], **how).message,
                self.guest.commit(R, NOW, psks=[Psk(b"known", b"secret")], path=False, **how).message,
                self.guest.commit(R, NOW, add=[newcomer(self.kind, b"g").package], **how).message,
            ]
        self.stranger = SignatureKey.generate(self.kind)
        entered = Group.join_external(self.info, self.stranger, b"hugo", R, NOW, policy=OPEN)
        again = Group.join_external(self.info, self.stranger, b"chloe", R, NOW, policy=OPEN, resync=True)
        self.messages += [entered.message, again.message, self.info, self.welcome]

    def proposals(self) -> tuple[Proposal, ...]:
        size = self.kind.hash_bytes
        return (
            Add(newcomer(self.kind, b"i").package),
            Update(self.guest.state.tree.leaf(1)),
            Remove(2),
            PreSharedKey(PskId(PskType.EXTERNAL, b"n" * size, b"known")),
            PreSharedKey(PskId(PskType.RESUMPTION, b"n" * size, b"", Usage.APPLICATION, b"group", 1)),
            ReInit(b"next", 1, self.kind.number, ()),
            ExternalInit(b"o" * self.kind.kem.output_bytes),
            GroupContextExtensions(()),
        )

    def values(self) -> Iterator[Any]:
        """Whatever there is inside of the messages and the group."""
        yield from _inside(self._wholes)
        yield SenderData(1, 2, b"abcd")

    @cached_property
    def _wholes(self) -> list[Any]:
        psks = tuple(p.psk for p in self.proposals() if isinstance(p, PreSharedKey))
        secrets = GroupSecrets(b"j" * 32, PathSecret(b"p" * 32), psks)
        return [
            [MlsMessage.decode(message) for message in self.messages],
            [AuthenticatedContent.decode(m.encode()) for m in self.waiting.state.pending.values()],
            self.host.state.context,
            [_TypedNode(node) for node in self.host.state.tree.nodes if node is not None],
            secrets,
            x509(b"one", b"two"),
        ]


def _after(group: Group, message: bytes) -> Group:
    event = group.process(message, NOW, psks=PSKS)
    assert isinstance(event, Committed)
    return event.group


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from _inside(item)
    elif dataclasses.is_dataclass(value):
        yield value
        for one in dataclasses.fields(value):
            yield from _inside(getattr(value, one.name))


def commit_of(message: bytes) -> Commit:
    body = MlsMessage.decode(message).body
    found = body.content.body  # type: ignore[union-attr]
    assert isinstance(found, Commit)
    return found
