"""Welcomes whose sealed group info was made wrong by the member who signs it (RFC 9420 12.4.3, 12.4.3.1)."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

import pytest

from colloque.mls import errors
from colloque.mls.api import Capabilities, Group, Lifetime, Policy, suite
from colloque.mls.framing.message import MlsMessage
from colloque.mls.group.join import Newcomer, _open_secrets, _private
from colloque.mls.messages.commit import HpkeCiphertext
from colloque.mls.messages.extension import RATCHET_TREE, Extension, find
from colloque.mls.messages.leaf_node import LeafNode
from colloque.mls.messages.psk import psk_secret
from colloque.mls.messages.welcome import EncryptedGroupSecrets, GroupInfo, PathSecret, Welcome
from colloque.mls.schedule.key_schedule import welcome_key, welcome_secret
from colloque.mls.tree.ratchet_tree import RatchetTree
from tests.mls.people import NOW, Person, group_of, join, person

R = os.urandom
KIND = suite(83)
Change = Callable[[GroupInfo], GroupInfo]


def _made(path: bool = True) -> tuple[Group, Person, Welcome]:
    host = group_of(83, 2)[0]
    eva = person(KIND, "eva")
    staged = host.commit(R, NOW, add=[eva.package], path=path)
    body = MlsMessage.decode(staged.welcome or b"").body
    assert isinstance(body, Welcome)
    return staged.group, eva, body


def _changed(host: Group, eva: Person, welcome: Welcome, change: Change) -> bytes:
    """The Welcome with another group info, signed by the same member and sealed as the first was."""
    secrets = _open_secrets(KIND, welcome, Newcomer(eva.package, eva.secrets, eva.signer))
    key, nonce = welcome_key(KIND, welcome_secret(KIND, secrets.joiner_secret, psk_secret(KIND, [])))
    info = change(GroupInfo.decode(KIND.open(key, nonce, b"", welcome.encrypted_group_info)))
    sealed = KIND.seal(key, nonce, b"", info.sign(KIND, host.state.signer).encode())
    output = KIND.encrypt_with_label(eva.package.init_key, "Welcome", sealed, secrets.encode())
    entry = EncryptedGroupSecrets(eva.package.ref, HpkeCiphertext(*output))
    return MlsMessage(Welcome(83, (entry,), sealed)).encode()


def _context(**other: object) -> Change:
    return lambda info: replace(info, context=replace(info.context, **other))  # type: ignore[arg-type]


def _leaf(change: Callable[[LeafNode], LeafNode | None]) -> Change:
    """Another leaf in the newcomer's place, in a tree whose hash is right."""

    def changed(info: GroupInfo) -> GroupInfo:
        tree = RatchetTree.decode(KIND, find(info.extensions, RATCHET_TREE) or b"")
        leaf = change(tree.leaf(2))
        tree = tree.remove(2) if leaf is None else tree.with_nodes({4: leaf})
        context = replace(info.context, tree_hash=tree.tree_hash())
        return replace(info, context=context, extensions=(Extension(RATCHET_TREE, tree.encode()),))

    return changed


def test_unchanged_it_leads_in() -> None:
    host, eva, welcome = _made()
    assert join(_changed(host, eva, welcome, lambda info: info), eva).epoch == host.epoch


@pytest.mark.parametrize(
    ("error", "change"),
    [
        (errors.GroupInfoMismatch, _context(suite=1)),
        (errors.GroupInfoMismatch, _context(version=2)),
        (errors.TreeHashMismatch, _context(tree_hash=b"h" * 64)),
        (errors.ConfirmationTagMismatch, _context(confirmed_transcript_hash=b"h" * 64)),
        (errors.ConfirmationTagMismatch, _context(epoch=9)),
        (errors.InvalidSignature, _context(group_id=b"another")),
        (errors.ConfirmationTagMismatch, lambda info: replace(info, confirmation_tag=b"t" * 64)),
        (errors.LeafUnsupported, _context(extensions=(Extension(0xF042, b""),))),
        (errors.InvalidSignature, lambda info: replace(info, signer=1)),
        (errors.NoSuchLeaf, lambda info: replace(info, signer=3)),
        (errors.NotInTree, _leaf(lambda _: None)),
        (errors.InvalidSignature, _leaf(lambda leaf: replace(leaf, lifetime=Lifetime(0, 1)))),
    ],
)
def test_group_infos_that_are_wrong(error: type[errors.MlsError], change: Change) -> None:
    # MUST 12.4.3-2, 12.4.3-4, 12.4.3.3-2
    host, eva, welcome = _made(path=False)
    with pytest.raises(error):
        join(_changed(host, eva, welcome, change), eva)


def test_ones_own_leaf_is_the_one_of_the_key_package() -> None:
    """Signed by its owner, even: another leaf with the same key is not what was handed out."""
    host, eva, welcome = _made(path=False)
    has = Capabilities(proposals=(0xF001,))
    change = _leaf(lambda leaf: replace(leaf, capabilities=has).sign(KIND, eva.signer.private))
    with pytest.raises(errors.GroupInfoMismatch, match="changed"):
        join(_changed(host, eva, welcome, change), eva)


def test_a_path_secret_where_no_path_is() -> None:
    host, eva, welcome = _made(path=False)
    secrets = _open_secrets(KIND, welcome, Newcomer(eva.package, eva.secrets, eva.signer))
    assert secrets.path_secret is None
    secrets = replace(secrets, path_secret=PathSecret(b"s" * 64))
    for signer, error in ((0, errors.PathSecretMismatch), (2, errors.UpdatePathInvalid)):
        with pytest.raises(error):
            _private(KIND, host.state.tree, signer, 2, secrets, eva.secrets.leaf)


def test_bounds_of_the_policy() -> None:
    host, eva, welcome = _made()
    message = MlsMessage(welcome).encode()
    with pytest.raises(errors.GroupFull):
        join(message, eva, policy=Policy(max_members=2))
    with pytest.raises(errors.NotAllowedByPolicy):
        join(message, eva, policy=Policy(committer_signature_key=b"k" * 32))
    key = host.signature_key(0)
    assert join(message, eva, policy=Policy(max_members=3, committer_signature_key=key)).epoch == host.epoch
