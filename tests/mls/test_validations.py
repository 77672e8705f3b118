"""Checks that only a dishonest member or inviter meets, each where it is called (RFC 9420 7.3, 12.1 to 12.4).

`fuzz/mls_forged.py` makes the messages: with other contents, but signed, tagged and sealed as their author could.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from colloque.mls import errors
from colloque.mls.api import Capabilities, Extension, Group, Policy, SignatureKey, suite, x509
from colloque.mls.codec import Reader, Wire, optional, varint, vector
from colloque.mls.crypto import kem as kems
from colloque.mls.framing.content import Auth, ContentType, FramedContent, WireFormat
from colloque.mls.framing.message import MlsMessage
from colloque.mls.framing.public_message import PublicMessage
from colloque.mls.group.commit import Order, make_commit
from colloque.mls.group.link import check_reinit
from colloque.mls.group.proposals import check_proposal
from colloque.mls.group.psks import PskStore
from colloque.mls.group.sealing import content_of, seal, signed
from colloque.mls.group.storage import decode_state, encode_state
from colloque.mls.messages.commit import Commit
from colloque.mls.messages.extension import RATCHET_TREE, find
from colloque.mls.messages.key_package import KeyPackage
from colloque.mls.messages.leaf_node import LeafNode, Source
from colloque.mls.messages.proposal import Add, Remove, Update
from colloque.mls.messages.psk import PskId, PskType, Usage
from colloque.mls.messages.welcome import GroupInfo
from colloque.mls.schedule.secret_tree import Ratchet, SecretTree
from colloque.mls.tree.nodes import Node
from colloque.mls.tree.ratchet_tree import RatchetTree
from colloque.mls.tree.treekem import make_path, merge_path, seal_path
from fuzz.mls_forged import Forger
from fuzz.mls_scene import NOW, OPEN, R, Scene, newcomer
from tests.mls.people import group_of
from tests.mls.test_refusals import refused

KIND = suite(1)
SCENE = Scene()
FORGER = Forger(SCENE)
HOST, GUEST, THIRD = SCENE.host, SCENE.guest, SCENE.third
UNKNOWN = Extension(0xF042, b"")


# --- commits of members and of newcomers from outside ---


def _commit(where: int) -> FramedContent:
    """`where`: 0 a member's commit with a path, -1 a newcomer's."""
    found = [FramedContent.decode(content) for content in FORGER.contents()]
    kind = 1 if where == 0 else 4
    commits = [c for c in found if isinstance(c.body, Commit) and c.body.path and c.sender.type == kind]
    return commits[0]


def _with_leaf(content: FramedContent, **other: Any) -> bytes:
    commit = content.body
    assert isinstance(commit, Commit)
    assert commit.path is not None
    path = replace(commit.path, leaf=replace(commit.path.leaf, **other))
    return replace(content, body=replace(commit, path=path)).encode()


LEAVES: list[tuple[type[errors.MlsError], dict[str, Any]]] = [
    (errors.LeafSourceWrong, {"source": Source.UPDATE}),
    (errors.LeafUnsupported, {"extensions": (UNKNOWN,)}),
    (errors.InvalidPublicKey, {"encryption_key": b"k" * 5}),
    (
        errors.LeafUnsupported,
        {
            "credential": x509(b"certificate"),
            "capabilities": Capabilities(credentials=(1, 2)),
            "extensions": (),
        },
    ),
]


@pytest.mark.parametrize("where", [0, -1])
@pytest.mark.parametrize(("error", "other"), LEAVES)
def test_leaves_of_paths(where: int, error: type[errors.MlsError], other: dict[str, Any]) -> None:
    content = _commit(where)
    refused(error, HOST, lambda: HOST.process(FORGER.public(_with_leaf(content, **other)), NOW))
    refused(errors.ConfirmationTagMismatch, HOST, lambda: HOST.process(FORGER.public(content.encode()), NOW))


@pytest.mark.parametrize("where", [0, -1])
def test_leaves_of_paths_that_are_not_signed_for_their_place(where: int) -> None:
    content = _commit(where)
    message = MlsMessage.decode(FORGER.public(content.encode())).body
    assert isinstance(message, PublicMessage)
    commit = message.content.body
    assert isinstance(commit, Commit)
    assert commit.path is not None
    signer = GUEST.state.signer if where == 0 else SCENE.stranger.private
    leaf = commit.path.leaf.sign(KIND, signer, HOST.group_id, 77)
    body = replace(commit, path=replace(commit.path, leaf=leaf))
    forged = _framed(replace(message.content, body=body), signer)
    refused(errors.InvalidSignature, HOST, lambda: HOST.process(forged, NOW))


def _framed(content: FramedContent, signer: bytes) -> bytes:
    state = replace(GUEST.state, signer=signer)
    message = signed(state, WireFormat.PUBLIC, content)
    message = replace(message, auth=Auth(message.auth.signature, b"t" * 32))
    key = state.secrets.membership_key
    return MlsMessage(PublicMessage.protect(KIND, message, key, state.context)).encode()


def test_paths_that_bring_somebody_elses_signature_key() -> None:
    """7.3: the leaf is signed by the key that it names, and yet another member has it."""
    content, others = _commit(0), THIRD.state.signer
    mine = GUEST.state.tree.leaf(1)
    # The leaf is signed by its own new key, the message by the author's old one.
    commit = FramedContent.decode(_with_leaf(content, signature_key=THIRD.signature_key(2))).body
    assert isinstance(commit, Commit)
    assert commit.path is not None
    assert mine.signature_key != THIRD.signature_key(2)
    leaf = commit.path.leaf.sign(KIND, others, HOST.group_id, 1)
    body = replace(commit, path=replace(commit.path, leaf=leaf))
    message = _framed(replace(content, body=body), GUEST.state.signer)
    refused(errors.DuplicateSignatureKey, HOST, lambda: HOST.process(message, NOW))


def test_paths_that_use_a_key_of_the_tree_again() -> None:
    """7.5: also one that the path itself would put out of the tree."""
    host, guest = group_of(1, 2)
    tree, state = guest.state.tree, guest.state
    made = make_path(tree, 1, state.signer, guest.group_id, R)
    path = seal_path(made, tree, b"context", frozenset())
    old = tree.parent(1)
    assert old is not None
    stale = replace(path.nodes[0], encryption_key=old.encryption_key)
    with pytest.raises(errors.UpdatePathInvalid, match="not fresh"):
        merge_path(host.state.tree, 1, replace(path, nodes=(stale,)))
    assert merge_path(host.state.tree, 1, path)


# --- proposals ---


def _add(**other: Any) -> Add:
    who = newcomer(KIND, b"zoe")
    leaf = replace(who.package.leaf, **other).sign(KIND, who.signer.private)
    return Add(replace(who.package, leaf=leaf).sign(who.signer.private))


def test_additions_that_share_an_encryption_key() -> None:
    shared = HOST.state.tree.leaf(0).encryption_key
    order = Order((_add(encryption_key=shared),))
    refused(errors.DuplicateEncryptionKey, HOST, lambda: make_commit(HOST.state, order, PskStore(), R, NOW))
    twice = Order(tuple(_add(encryption_key=KIND.derive_key_pair(b"k" * 32)[1]) for _ in range(2)))
    refused(errors.DuplicateEncryptionKey, HOST, lambda: make_commit(HOST.state, twice, PskStore(), R, NOW))


def _unsigned(package: KeyPackage) -> KeyPackage:
    return replace(package, leaf=replace(package.leaf, signature=b"s" * 64))


@pytest.mark.parametrize(
    ("error", "change"),
    [
        (errors.InvalidSignature, _unsigned),
        (errors.InvalidPublicKey, lambda p: replace(p, init_key=b"k" * 5)),
        (errors.LeafSourceWrong, lambda p: replace(p, leaf=replace(p.leaf, source=Source.UPDATE))),
        (errors.LeafSourceWrong, lambda p: replace(p, leaf=replace(p.leaf, lifetime=None))),
    ],
)
def test_key_packages_by_themselves(
    error: type[errors.MlsError], change: Callable[[KeyPackage], KeyPackage]
) -> None:
    """10.1: the leaf's own signature, both keys, and where the leaf comes from."""
    who = newcomer(KIND, b"zoe")
    who.package.verify(NOW)
    with pytest.raises(error):
        change(who.package).sign(who.signer.private).verify(NOW)
    with pytest.raises(errors.InvalidPublicKey):
        _add(encryption_key=b"k" * 5).package.verify(NOW)


def test_updates_by_themselves() -> None:
    old = GUEST.state.tree.leaf(1)
    fresh = replace(
        old, source=Source.UPDATE, lifetime=None, encryption_key=KIND.derive_key_pair(b"z" * 32)[1]
    )
    sender = content_of(GUEST.state, ContentType.PROPOSAL, Remove(2), b"").sender

    def check(leaf: LeafNode) -> None:
        update = Update(leaf.sign(KIND, GUEST.state.signer, HOST.group_id, 1))
        check_proposal(HOST.state, update, sender, NOW, ())

    check(fresh)
    with pytest.raises(errors.LeafUnsupported):
        check(replace(fresh, extensions=(UNKNOWN,)))
    with pytest.raises(errors.InvalidPublicKey):
        check(replace(fresh, encryption_key=b"k" * 5))


def test_an_update_and_a_removal_of_one_leaf() -> None:
    """12.2."""
    waiting, update = GUEST.propose_update(R, NOW)
    host = HOST.process(update, NOW).group
    order = {"by_reference": host.pending(), "remove": [1]}
    refused(errors.ProposalsConflict, host, lambda: host.commit(R, NOW, **order))  # type: ignore[arg-type]
    again, second = waiting.propose_update(R, NOW)
    both = host.process(second, NOW).group
    refused(errors.ProposalsConflict, both, lambda: both.commit(R, NOW, by_reference=both.pending()))
    assert len(again.pending()) == 2


# --- Welcomes and group infos ---


def _info(change: Callable[[RatchetTree], RatchetTree], **context: Any) -> GroupInfo:
    body = MlsMessage.decode(SCENE.welcomed.group_info(external=False)).body
    assert isinstance(body, GroupInfo)
    tree = change(RatchetTree.decode(KIND, find(body.extensions, RATCHET_TREE) or b""))
    extensions = tuple(
        replace(e, data=tree.encode()) if e.type == RATCHET_TREE else e for e in body.extensions
    )
    return replace(body, extensions=extensions, context=replace(body.context, **context))


def _join(info: GroupInfo) -> Group:
    data = FORGER.signed_info(info.encode()).encode()
    return FORGER.join(FORGER.welcome(data, FORGER.secrets.encode()))


def _node(at: int, **other: Any) -> Callable[[RatchetTree], RatchetTree]:
    def change(tree: RatchetTree) -> RatchetTree:
        node: Node | None = tree.nodes[at]
        assert node is not None
        return tree.with_nodes({at: replace(node, **other)})

    return change


def _leaf(index: int, **other: Any) -> Callable[[RatchetTree], RatchetTree]:
    """Its parents blank, so that no parent hash speaks of the leaf that it was."""

    def change(tree: RatchetTree) -> RatchetTree:
        leaf = replace(tree.leaf(index), **other).sign(KIND, FORGER.signers[index], b"group", index)
        blank: dict[int, Node | None] = dict.fromkeys(range(1, len(tree.nodes), 2))
        return tree.with_nodes({**blank, 2 * index: leaf})

    return change


def _twins(tree: RatchetTree) -> RatchetTree:
    """Leaf 2 has the keys of leaf 1, and is signed by them: everything but the rule of unique keys holds."""
    return _leaf(2, encryption_key=tree.leaf(1).encryption_key)(tree)


@pytest.mark.parametrize(
    ("error", "change"),
    [
        (errors.UnmergedLeavesInvalid, _node(7, unmerged_leaves=(6,))),
        (errors.ParentHashMismatch, _node(7, encryption_key=b"k" * 32)),
        (errors.DuplicateEncryptionKey, _twins),
        (errors.LeafUnsupported, _leaf(2, extensions=(UNKNOWN,))),
        (
            errors.LeafUnsupported,
            _leaf(2, credential=x509(b"c"), capabilities=Capabilities(credentials=(1, 2)), extensions=()),
        ),
    ],
)
def test_trees_of_welcomes(
    error: type[errors.MlsError], change: Callable[[RatchetTree], RatchetTree]
) -> None:
    """12.4.3.1: what a newcomer must check of a tree, called on the way in."""
    assert _join(_info(lambda tree: tree)).epoch == SCENE.welcomed.epoch
    with pytest.raises(error):
        _join(_info(change))


def test_joiners_that_do_not_know_the_group() -> None:
    """13.4, 13.5: an extension that one's leaf lists as noise alone; a credential that the others do not know."""
    noise = Extension(0x0A0A, b"")
    policy = Policy(external_commits=True)
    founder = SignatureKey.generate(KIND)
    group = Group.create(KIND, b"g", founder, b"anne", R, NOW, policy=policy, extensions=(noise,))
    stranger = SignatureKey.generate(KIND)
    with pytest.raises(errors.LeafUnsupported):
        Group.join_external(
            group.group_info(),
            stranger,
            b"zoe",
            R,
            NOW,
            policy=policy,
            capabilities=Capabilities(extensions=(0x0A0A,)),
        )
    plain = Group.create(KIND, b"g", founder, b"anne", R, NOW, policy=policy)
    with pytest.raises(errors.LeafUnsupported, match="in use"):
        Group.join_external(plain.group_info(), stranger, x509(b"c"), R, NOW, policy=policy)


def test_a_reinit_that_nobody_committed() -> None:
    state = HOST.state
    link = PskId(PskType.RESUMPTION, b"n" * 32, b"", Usage.REINIT, HOST.group_id, HOST.epoch)
    with pytest.raises(errors.ReinitMismatch, match="no reinit ended"):
        check_reinit(state, link, state.context, Counter())


# --- framing ---


def test_public_messages_of_another_group() -> None:
    other, guest = group_of(1, 2)
    message = guest.commit(R, NOW, wire="public").message
    refused(errors.UnknownGroup, HOST, lambda: HOST.process(message, NOW))
    assert other.process(message, NOW).group.epoch == 2


def test_late_messages_are_verified_too() -> None:
    host, guest = group_of(1, 2, policy=OPEN)
    later = host.commit(R, NOW).group
    message = signed(
        guest.state, WireFormat.PRIVATE, content_of(guest.state, ContentType.APPLICATION, b"x", b"")
    )
    _, good = seal(guest.state, message, R)
    assert later.process(good, NOW).group
    forged = replace(message, auth=Auth(b"s" * 64))
    _, bad = seal(guest.state, forged, R)
    refused(errors.InvalidSignature, later, lambda: later.process(bad, NOW))


# --- trees, ratchets, stored bytes, codec ---


def test_leaves_that_are_not_there() -> None:
    tree = HOST.state.tree
    for index in (tree.width, 1 << 31):
        with pytest.raises(errors.NoSuchLeaf):
            tree.remove(index)
        with pytest.raises(errors.NoSuchLeaf):
            tree.update(index, tree.leaf(0))
    blank = tree.remove(1)
    with pytest.raises(errors.NoSuchLeaf):
        blank.remove(1)
    with pytest.raises(errors.NoSuchLeaf):
        blank.update(1, tree.leaf(0))


def test_stored_states_that_are_not_whole() -> None:
    """`spec/mls.md` M6: another version or suite, something after it, a place that is nobody's, other proposals."""
    data = encode_state(HOST.state)
    assert encode_state(decode_state(data)) == data
    apart = SecretTree(2, {1: b"s" * 32}, {})
    keys = [at.to_bytes(4, "big") + vector(key) for at, key in sorted(HOST.state.private.keys.items())]
    assert len(keys) > 1
    swapped = data.replace(b"".join(keys), b"".join(keys[::-1]))
    assert swapped != data
    narrow = replace(HOST.state, secret_tree=apart)
    lost = replace(HOST.state, private=replace(HOST.state.private, own=9))
    reinit = data[:-1] + optional(_Encoded(Remove(1).encode()))
    talk = signed(
        GUEST.state, WireFormat.PRIVATE, content_of(GUEST.state, ContentType.APPLICATION, b"x", b"")
    )
    policy = HOST.state.policy.encode()
    flags = policy[:1] + bytes([policy[1] | 0x20]) + policy[2:]
    wrong = (
        b"\x01" + data[1:],
        data + b"\0",
        swapped,
        encode_state(narrow),
        encode_state(lost),
        reinit,
        encode_state(replace(HOST.state, pending={b"r": talk})),
        data[:1] + (3).to_bytes(2, "big") + data[3:],
        data.replace(policy, flags),
    )
    for bad in wrong:
        with pytest.raises(errors.StateInvalid):
            decode_state(bad)


class _Encoded:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def encode(self) -> bytes:
        return self.data


def test_secret_trees_that_say_something_twice() -> None:
    ratchet = Ratchet(b"s" * 32)
    head = (2).to_bytes(4, "big")
    one = (0).to_bytes(4, "big") + b"\x01" + ratchet.encode()
    node = (2).to_bytes(4, "big") + b"\x01n"

    def read(nodes: bytes, ratchets: bytes) -> SecretTree:
        return SecretTree.read(Reader(head + varint(len(nodes)) + nodes + varint(len(ratchets)) + ratchets))

    assert read(node, one).width == 2
    for nodes, ratchets in ((node, one * 2), (node * 2, one)):
        with pytest.raises(errors.StateInvalid):
            read(nodes, ratchets)


def test_vectors_within_vectors_end_with_them() -> None:
    """2.1: the inner one says more than the outer one holds, and more follows."""
    with pytest.raises(errors.DecodeError, match="end too early"):
        Reader(b"\x02\x03\x01\x01\x01").vector(lambda r: r.vector(lambda q: q.uint(1)))


def test_values_of_no_bytes_in_a_vector() -> None:
    calls: list[int] = []

    def nothing(_: Reader) -> None:
        calls.append(1)
        assert len(calls) < 10, "it would go on for ever"

    with pytest.raises(errors.DecodeError, match="empty value"):
        Reader(b"\x01\x00").vector(nothing)
    with pytest.raises(errors.DecodeError, match="abstract"):
        Wire.decode(b"")


# --- keys ---


@pytest.mark.parametrize("number", [1, 2, 4, 5, 7])
def test_private_keys_of_no_form(number: int) -> None:
    kind = suite(number)
    for bad in (b"", b"\xff" * 80):
        with pytest.raises(errors.CryptoError):
            kind.kem.load_private(bad)
        with pytest.raises(errors.CryptoError):
            kind.scheme.sign(bad, b"m")


def test_candidates_run_out() -> None:
    """RFC 9180 7.1.3: no scalar below an order of one."""
    none = kems._nist(0x10, None, ec.SECP256R1(), hashes.SHA256(), 1, 0xFF)
    with pytest.raises(errors.CryptoError, match="no key"):
        none.derive(b"i" * 32)


@pytest.mark.parametrize("number", [1, 2, 4, 5, 7, 83])
def test_signatures_of_something_else(number: int) -> None:
    scheme = suite(number).scheme
    key = scheme.generate()
    signature = scheme.sign(key, b"m")
    scheme.verify(scheme.public(key), b"m", signature)
    with pytest.raises(errors.InvalidSignature):
        scheme.verify(scheme.public(key), b"other", signature)
    with pytest.raises(errors.InvalidPublicKey):
        scheme.verify(b"k" * 7, b"m", signature)


@pytest.mark.parametrize("number", [1, 2, 4, 83])
def test_an_output_cut_elsewhere(number: int) -> None:
    """5.1.3: two cuts of the same bytes are not the same ciphertext."""
    kind = suite(number)
    private, public = kind.derive_key_pair(b"k" * kind.hash_bytes)
    output, ciphertext = kind.encrypt_with_label(public, "test", b"", b"secret")
    assert kind.decrypt_with_label(private, "test", b"", output, ciphertext) == b"secret"
    with pytest.raises(errors.DecryptionFailed):
        kind.decrypt_with_label(private, "test", b"", output[:-1], output[-1:] + ciphertext)
    with pytest.raises(errors.DecryptionFailed):
        kind.decrypt_with_label(private, "test", b"", output + ciphertext[:1], ciphertext[1:])
