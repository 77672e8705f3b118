"""Welcomes, and passive clients that follow a group."""

from __future__ import annotations

from typing import Any

from colloque.mls.crypto.suite import suite
from colloque.mls.framing.message import MlsMessage
from colloque.mls.group.create import SignatureKey
from colloque.mls.group.join import Newcomer, join
from colloque.mls.group.policy import Policy
from colloque.mls.group.process import process
from colloque.mls.group.psks import PskStore
from colloque.mls.group.receive_commit import Entered
from colloque.mls.group.state import State
from colloque.mls.messages.key_package import KeyPackage, KeyPackageSecrets
from colloque.mls.messages.psk import psk_secret
from colloque.mls.messages.welcome import GroupInfo, GroupSecrets, Welcome
from colloque.mls.schedule.key_schedule import epoch_from_joiner, welcome_key, welcome_secret
from colloque.mls.vectors.check import same, unhex

_POLICY = Policy(
    external_commits=True,
    external_resync=True,
    external_proposals=True,
    newcomer_proposals=True,
    reinit=True,
    past_epochs=1_000,
)


def _package(case: dict[str, Any]) -> KeyPackage:
    body = MlsMessage.decode(unhex(case["key_package"])).body
    if not isinstance(body, KeyPackage):
        raise AssertionError("not a key package")
    return body


def _welcome(case: dict[str, Any]) -> Welcome:
    body = MlsMessage.decode(unhex(case["welcome"])).body
    if not isinstance(body, Welcome):
        raise AssertionError("not a Welcome")
    return body


def welcome(case: dict[str, Any]) -> None:
    kind = suite(case["cipher_suite"])
    package, message = _package(case), _welcome(case)
    mine = next(s for s in message.secrets if s.new_member == package.ref).secrets
    opened = kind.decrypt_with_label(
        unhex(case["init_priv"]), "Welcome", message.encrypted_group_info, mine.kem_output, mine.ciphertext
    )
    secrets = GroupSecrets.decode(opened)
    same(secrets.psks, (), "the pre-shared keys")
    psk = psk_secret(kind, [])
    key, nonce = welcome_key(kind, welcome_secret(kind, secrets.joiner_secret, psk))
    info = GroupInfo.decode(kind.open(key, nonce, b"", message.encrypted_group_info))
    info.verify(kind, unhex(case["signer_pub"]))
    epoch = epoch_from_joiner(kind, secrets.joiner_secret, psk, info.context.encode())
    tag = kind.mac(epoch.secrets.confirmation_key, info.context.confirmed_transcript_hash)
    same(tag, info.confirmation_tag, "the confirmation tag")


def passive(case: dict[str, Any]) -> None:
    kind = suite(case["cipher_suite"])
    package = _package(case)
    signer = SignatureKey.from_bytes(kind, unhex(case["signature_priv"]))
    same(signer.public, package.signature_key, "the signature key")
    same(kind.kem.public(unhex(case["init_priv"])), package.init_key, "the init key")
    leaf = unhex(case["encryption_priv"])
    same(kind.kem.public(leaf), package.leaf.encryption_key, "the encryption key")
    store = PskStore({unhex(p["psk_id"]): unhex(p["psk"]) for p in case["external_psks"]})
    secrets = KeyPackageSecrets(kind.number, unhex(case["init_priv"]), leaf)
    tree = case.get("ratchet_tree")
    newcomer = Newcomer(package, secrets, signer, store)
    state = join(_welcome(case), newcomer, None if tree is None else unhex(tree), _POLICY, None)
    same(state.secrets.authenticator, unhex(case["initial_epoch_authenticator"]), "the first authenticator")
    for epoch in case["epochs"]:
        for proposal in epoch["proposals"]:
            state = _step(state, unhex(proposal), store)
        state = _step(state, unhex(epoch["commit"]), store)
        same(state.secrets.authenticator, unhex(epoch["epoch_authenticator"]), "an authenticator")


def _step(state: State, message: bytes, store: PskStore) -> State:
    found = process(state, message, store, None)
    if isinstance(found, Entered) and found.self_removed:
        raise AssertionError("the client was removed")
    return found.state
