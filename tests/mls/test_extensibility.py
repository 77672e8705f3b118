"""What others may send that we do not know, what a group may demand, and what we may send (RFC 9420 7.2, 11.1, 13)."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloque.mls import errors
from colloque.mls.api import (
    Add,
    Capabilities,
    Committed,
    Extension,
    Group,
    KeyPackage,
    Lifetime,
    Policy,
    RequiredCapabilities,
    SignatureKey,
    new_key_package,
    suite,
    x509,
)
from colloque.mls.codec import Reader, u16, vector
from colloque.mls.framing.message import MlsMessage
from colloque.mls.group.commit import Order, make_commit
from colloque.mls.group.leaves import check_supports
from colloque.mls.group.propose import propose
from colloque.mls.group.psks import PskStore
from colloque.mls.messages.extension import LAST_RESORT, REQUIRED_CAPABILITIES
from colloque.mls.messages.grease import VALUES
from colloque.mls.messages.leaf_node import BasicCredential, Credential, OtherCredential, Source
from colloque.mls.messages.proposal import GroupContextExtensions, Update, read_proposal
from colloque.mls.messages.welcome import GroupInfo
from tests.mls.people import ALWAYS, NOW, Person, agree, committed, founder, group_of, join, person
from tests.mls.test_refusals import refused

R = os.urandom
KIND = suite(83)
OURS = 0xF042
"""A private number, for an extension that some of these members know."""


def someone(name: str, identity: Credential | None = None, number: int = 83, **how: object) -> Person:
    signer = SignatureKey.generate(suite(number))
    who = identity or name.encode()
    made = new_key_package(suite(number), signer, who, ALWAYS, R, **how)  # type: ignore[arg-type]
    return Person(name.encode(), signer, *made)


def knows(*extensions: int, credentials: tuple[int, ...] = (1,)) -> Capabilities:
    return Capabilities(extensions=extensions, credentials=credentials)


def demands(
    extensions: tuple[int, ...] = (), proposals: tuple[int, ...] = (), credentials: tuple[int, ...] = ()
) -> Extension:
    needed = RequiredCapabilities(extensions, proposals, credentials)
    return Extension(REQUIRED_CAPABILITIES, needed.encode())


@given(st.binary(min_size=64, max_size=64))
def test_grease_is_sent_where_it_may_be(noise: bytes) -> None:
    """13.5: in capabilities and extensions, each extension listed, and nothing that is really supported lost."""
    # MUST 7.2-2, 10-1, 10-6
    chances = iter(noise)
    kind = suite(1)
    package, _ = new_key_package(
        kind,
        SignatureKey.from_bytes(kind, b"s" * 32),
        b"x",
        ALWAYS,
        lambda n: bytes(next(chances, 7) for _ in range(n)),
        capabilities=knows(OURS),
        grease=True,
    )
    package.verify(NOW, 1)
    has = package.leaf.capabilities
    assert has.versions == (1,)
    for mine, sent in (
        (Capabilities().suites, has.suites),
        ((OURS,), has.extensions),
        ((), has.proposals),
        ((1,), has.credentials),
    ):
        assert set(mine) <= set(sent)
        assert len(set(sent)) == len(sent)
        assert set(sent) - set(mine) <= set(VALUES)
        assert set(sent) & set(VALUES)
    for extensions in (package.extensions, package.leaf.extensions):
        assert {e.type for e in extensions} <= set(has.extensions) & set(VALUES)
    assert KeyPackage.from_bytes(package.to_bytes()) == package


def test_grease_passes_through_a_group() -> None:
    """13.4, 13.5: unknown values in leaves, key packages and group infos are ignored."""
    # MUST 7.2-3, 10-7, 12.4.3-1, 13.4-2, 13.4-3, 13.5-2
    people = [someone(f"g{n}", grease=True) for n in range(3)]
    order = Order(
        (Add(people[0].package), Add(people[1].package)), info_extensions=(Extension(VALUES[3], b"anything"),)
    )
    made = make_commit(founder(KIND).state, order, PskStore(), R, NOW)
    groups = [Group(made.state), join(made.welcome, people[0]), join(made.welcome, people[1])]
    agree(groups)
    staged = groups[1].commit(R, NOW, add=[people[2].package])
    rest = [committed(groups[0], staged.message), committed(groups[2], staged.message)]
    agree([staged.group, *rest, join(staged.welcome, people[2])])


def test_grease_is_never_ones_own_capability() -> None:
    """13.5: it is not sent in a group's context; and who is welcomed with it there does not take it for known."""
    # MUST 12.4.3-2, 13.4-6, 13.5-1, 13.5-3
    host = founder(KIND)
    grease = (Extension(VALUES[2], b""),)
    refused(errors.ExtensionUnsupported, host, lambda: host.commit(R, NOW, group_context_extensions=grease))
    has = Capabilities(extensions=(VALUES[2],))
    greasy = Group.create(
        KIND, b"g", SignatureKey.generate(KIND), b"x", R, NOW, capabilities=has, extensions=grease
    )
    refused(
        errors.ExtensionUnsupported, greasy, lambda: greasy.commit(R, NOW, group_context_extensions=grease)
    )
    eva = someone("eva", capabilities=has)
    staged = greasy.commit(R, NOW, add=[eva.package])
    with pytest.raises(errors.LeafUnsupported):
        join(staged.welcome, eva)


def test_extensions_of_the_context_are_for_all() -> None:
    """12.1.7, 13.4: whoever does not know one is not added, and does not join."""
    # MUST 12.3-2, 13.4-5
    anne = SignatureKey.generate(KIND)
    ours = (Extension(OURS, b"rules"),)
    host = Group.create(KIND, b"g", anne, b"anne", R, NOW, extensions=ours)
    one, other = someone("one", capabilities=knows(OURS)), someone("other")
    staged = host.commit(R, NOW, add=[one.package])
    guest = join(staged.welcome, one)
    agree([staged.group, guest])
    refused(errors.LeafUnsupported, host, lambda: host.commit(R, NOW, add=[other.package]))
    freed = staged.group.commit(R, NOW, group_context_extensions=(), add=[other.package])
    agree([freed.group, committed(guest, freed.message), join(freed.welcome, other)])
    bound = freed.group
    refused(errors.ExtensionUnsupported, bound, lambda: bound.commit(R, NOW, group_context_extensions=ours))
    gone = bound.commit(R, NOW, group_context_extensions=ours, remove=[2])
    assert gone.group.state.context.extensions == ours


@pytest.mark.parametrize(
    "needed",
    [demands(extensions=(OURS, 1)), demands(proposals=(OURS, 1)), demands(credentials=(2,))],
    ids=["extension", "proposal", "credential"],
)
def test_required_capabilities(needed: Extension) -> None:
    """11.1, 12.3: held against newcomers and members alike, by the extensions that the same commit brings."""
    # MUST 7.3-1, 12.3-2
    able = replace(knows(OURS, credentials=(1, 2)), proposals=(OURS,))
    anne = SignatureKey.generate(KIND)
    host = Group.create(KIND, b"g", anne, b"anne", R, NOW, capabilities=able)
    one, other = someone("one", capabilities=able), someone("other")
    staged = host.commit(R, NOW, add=[one.package], group_context_extensions=(needed,))
    guest = join(staged.welcome, one)
    agree([staged.group, guest])
    refused(errors.LeafUnsupported, guest, lambda: guest.commit(R, NOW, add=[other.package]))
    wide = host.commit(R, NOW, add=[other.package]).group
    refused(
        errors.ExtensionUnsupported, wide, lambda: wide.commit(R, NOW, group_context_extensions=(needed,))
    )
    refused(
        errors.LeafUnsupported,
        host,
        lambda: host.commit(R, NOW, add=[other.package], group_context_extensions=(needed,)),
    )
    with pytest.raises(errors.LeafUnsupported):
        Group.create(KIND, b"g", anne, b"anne", R, NOW, extensions=(needed,))


def test_lifetimes_that_the_policy_bounds() -> None:
    """7.2: the total is bounded, wherever a leaf of a key package is looked at with a clock."""
    # MUST 7.2-4
    host, guest = group_of(83, 2)
    year = 366 * 86_400
    long = person(KIND, "long", Lifetime(NOW - year, NOW + year))
    refused(errors.LifetimeTooLong, host, lambda: host.commit(R, NOW, add=[long.package]))
    loose = host.with_policy(Policy(max_lifetime=1 << 60))
    staged = loose.commit(R, NOW, add=[long.package])
    refused(errors.LifetimeTooLong, guest, lambda: guest.process(staged.message, NOW))
    refused(
        errors.LifetimeTooLong, guest, lambda: guest.process(loose.propose_add(long.package, R, NOW)[1], NOW)
    )
    short = Policy(max_lifetime=3600)
    bruno = person(KIND, "bruno")
    with pytest.raises(errors.LifetimeTooLong):
        join(founder(KIND).commit(R, NOW, add=[bruno.package], path=False).welcome, bruno, policy=short)


def test_credentials_are_carried_where_all_know_their_type() -> None:
    """M10, RFC 9420 5.3, 7.3, 13.3: a chain of certificates, or a type that nobody here understands."""
    for credential in (x509(b"end entity", b"intermediate"), OtherCredential(0xF00D, (b"token",))):
        able = knows(credentials=(1, credential.type))
        anne = SignatureKey.generate(KIND)
        host = Group.create(KIND, b"g", anne, b"anne", R, NOW, capabilities=able)
        chained = someone("chained", credential)
        plain = founder(KIND)
        refused(errors.LeafUnsupported, plain, partial(plain.commit, R, NOW, add=[chained.package]))
        staged = host.commit(R, NOW, add=[chained.package])
        guest = join(staged.welcome, chained)
        agree([staged.group, guest])
        assert guest.credential(1) == credential
        assert staged.group.members()[1].identity == credential.encode()
        assert BasicCredential.read(Reader(credential.encode())) == credential
        other = someone("other")
        refused(errors.LeafUnsupported, guest, partial(guest.commit, R, NOW, add=[other.package]))
        lying = replace(chained.package.leaf, capabilities=Capabilities())
        signed = replace(chained.package, leaf=lying.sign(KIND, chained.signer.private))
        package = signed.sign(chained.signer.private)
        refused(errors.LeafUnsupported, host, partial(host.commit, R, NOW, add=[package]))
        with pytest.raises(errors.LeafUnsupported, match="its own credential"):
            check_supports(lying, ())


def test_proposals_of_unknown_types() -> None:
    """13.2: nothing that is not supported is ever committed; it is refused by its type."""
    # MUST 13.2-1
    for kind in (8, VALUES[0], 0xF000):
        with pytest.raises(errors.ProposalUnsupported, match=f"type {kind}"):
            read_proposal(Reader(u16(kind) + vector(b"x")))


def test_a_key_package_of_last_resort() -> None:
    """`spec/mls.md` M9"""
    """M9, RFC 9420 16.8: marked by an extension that its leaf lists, and used several times."""
    who = someone("tired", last_resort=True)
    assert who.package.last_resort
    assert not someone("other").package.last_resort
    assert LAST_RESORT in who.package.leaf.capabilities.extensions
    for _ in range(2):
        staged = founder(KIND).commit(R, NOW, add=[who.package])
        agree([staged.group, join(staged.welcome, who)])


def test_an_extension_stands_once() -> None:
    """13.4, in every list of them."""
    # MUST 13.4-4
    twice = (Extension(OURS, b"a"), Extension(OURS, b"b"))
    who = someone("x", capabilities=knows(OURS))
    for package in (
        replace(who.package, extensions=twice),
        replace(who.package, leaf=replace(who.package.leaf, extensions=twice)),
    ):
        with pytest.raises(errors.DecodeError):
            KeyPackage.from_bytes(package.to_bytes())
    with pytest.raises(errors.DecodeError):
        read_proposal(Reader(GroupContextExtensions(twice).encode()))
    host = group_of(83, 2, policy=Policy(external_commits=True))[0]
    with pytest.raises(errors.DecodeError):
        MlsMessage.decode(host.group_info(extensions=twice))
    body = MlsMessage.decode(host.group_info()).body
    assert isinstance(body, GroupInfo)
    with pytest.raises(errors.DecodeError):
        GroupInfo.decode(replace(body, context=replace(body.context, extensions=twice)).encode())


def test_who_presents_another_credential_is_told() -> None:
    """5.3.1: the application validates what is new, and keeps the group that it had where it does not accept it."""
    # MUST 5.3.1-1
    host, guest, third = group_of(83, 3)
    signer = SignatureKey.generate(KIND)
    private, public = KIND.derive_key_pair(R(64))
    leaf = replace(
        guest.state.tree.leaf(1),
        encryption_key=public,
        signature_key=signer.public,
        credential=BasicCredential(b"renamed"),
        source=Source.UPDATE,
        lifetime=None,
    ).sign(KIND, signer.private, guest.group_id, 1)
    _, message = propose(guest.state, Update(leaf), R, NOW, "private", private)
    host, third = host.process(message, NOW).group, third.process(message, NOW).group
    staged = host.commit(R, NOW, by_reference=host.pending())
    event = third.process(staged.message, NOW)
    assert isinstance(event, Committed)
    [changed] = event.changed
    assert (changed.leaf_index, changed.identity, changed.signature_key) == (1, b"renamed", signer.public)
    quiet = staged.group.commit(R, NOW)
    again = event.group.process(quiet.message, NOW)
    assert isinstance(again, Committed)
    assert again.changed == ()
