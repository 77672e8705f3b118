"""Groups for the tests, made in a few lines."""

from __future__ import annotations

import os
from dataclasses import dataclass

from colloque.mls.api import (
    Committed,
    Group,
    KeyPackage,
    KeyPackageSecrets,
    Lifetime,
    Policy,
    SignatureKey,
    Suite,
    new_key_package,
    suite,
)

NOW = 1_800_000_000
ALWAYS = Lifetime(NOW - 86_400, NOW + 300 * 86_400)


@dataclass(frozen=True)
class Person:
    name: bytes
    signer: SignatureKey
    package: KeyPackage
    secrets: KeyPackageSecrets


def person(kind: Suite, name: str, lifetime: Lifetime = ALWAYS) -> Person:
    signer = SignatureKey.generate(kind)
    package, secrets = new_key_package(kind, signer, name.encode(), lifetime, os.urandom)
    return Person(name.encode(), signer, package, secrets)


def fresh(kind: Suite, who: Person) -> Person:
    """The same person with another key package."""
    package, secrets = new_key_package(kind, who.signer, who.name, ALWAYS, os.urandom)
    return Person(who.name, who.signer, package, secrets)


def founder(kind: Suite, name: str = "anne", policy: Policy | None = None) -> Group:
    signer = SignatureKey.generate(kind)
    return Group.create(
        kind, os.urandom(16), signer, name.encode(), os.urandom, NOW, policy=policy or Policy()
    )


def join(
    welcome: bytes | None, who: Person, tree: bytes | None = None, policy: Policy | None = None, **psks: bytes
) -> Group:
    assert welcome is not None
    secrets = {name.encode(): value for name, value in psks.items()}
    return Group.join(
        welcome,
        who.package,
        who.secrets,
        who.signer,
        NOW,
        psks=secrets,
        ratchet_tree=tree,
        policy=policy or Policy(),
    )


def group_of(number: int, count: int, policy: Policy | None = None) -> list[Group]:
    """A group of `count` members, everybody in the same epoch."""
    kind = suite(number)
    newcomers = [person(kind, f"member {n}") for n in range(1, count)]
    staged = founder(kind, policy=policy).commit(os.urandom, NOW, add=[p.package for p in newcomers])
    return [staged.group, *(join(staged.welcome, p, policy=policy) for p in newcomers)]


def agree(groups: list[Group]) -> None:
    first = groups[0]
    assert all(g.epoch == first.epoch for g in groups)
    assert {g.epoch_authenticator for g in groups} == {first.epoch_authenticator}
    assert {g.export("test", b"context", 40) for g in groups} == {first.export("test", b"context", 40)}


def committed(group: Group, message: bytes, **psks: bytes) -> Group:
    """The group after somebody else's commit."""
    event = group.process(message, NOW, psks={k.encode(): v for k, v in psks.items()})
    assert isinstance(event, Committed)
    assert not event.self_removed
    return event.group
