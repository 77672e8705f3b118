"""The key schedule, pre-shared keys, the secret tree and transcript hashes."""

from __future__ import annotations

from typing import Any

from colloque.mls.crypto.suite import suite
from colloque.mls.framing.content import AuthenticatedContent
from colloque.mls.framing.private_message import sender_key
from colloque.mls.messages.psk import PskId, PskType, psk_secret
from colloque.mls.messages.welcome import GroupContext
from colloque.mls.schedule import transcript
from colloque.mls.schedule.key_schedule import export, next_epoch
from colloque.mls.schedule.secret_tree import APPLICATION, HANDSHAKE, SecretTree
from colloque.mls.vectors.check import same, unhex

SECRETS = (
    ("init", "init_secret"),
    ("sender_data", "sender_data_secret"),
    ("exporter", "exporter_secret"),
    ("external", "external_secret"),
    ("confirmation_key", "confirmation_key"),
    ("membership_key", "membership_key"),
    ("resumption_psk", "resumption_psk"),
    ("authenticator", "epoch_authenticator"),
)


def key_schedule(case: dict[str, Any]) -> None:
    kind = suite(case["cipher_suite"])
    init = unhex(case["initial_init_secret"])
    for number, c in enumerate(case["epochs"]):
        hashes = unhex(c["tree_hash"]), unhex(c["confirmed_transcript_hash"])
        context = GroupContext(1, kind.number, unhex(case["group_id"]), number, *hashes).encode()
        same(context, unhex(c["group_context"]), "the group context")
        epoch = next_epoch(kind, init, unhex(c["commit_secret"]), unhex(c["psk_secret"]), context)
        same(epoch.joiner, unhex(c["joiner_secret"]), "joiner_secret")
        same(epoch.welcome, unhex(c["welcome_secret"]), "welcome_secret")
        same(epoch.encryption, unhex(c["encryption_secret"]), "encryption_secret")
        for mine, theirs in SECRETS:
            same(getattr(epoch.secrets, mine), unhex(c[theirs]), theirs)
        same(kind.derive_key_pair(epoch.secrets.external)[1], unhex(c["external_pub"]), "external_pub")
        e = c["exporter"]
        out = export(kind, epoch.secrets.exporter, e["label"], unhex(e["context"]), e["length"])
        same(out, unhex(e["secret"]), "the exported secret")
        init = epoch.secrets.init


def psk(case: dict[str, Any]) -> None:
    kind = suite(case["cipher_suite"])
    psks = [
        (PskId(PskType.EXTERNAL, unhex(p["psk_nonce"]), unhex(p["psk_id"])), unhex(p["psk"]))
        for p in case["psks"]
    ]
    same(psk_secret(kind, psks), unhex(case["psk_secret"]), "psk_secret")


def secret_tree(case: dict[str, Any]) -> None:
    kind = suite(case["cipher_suite"])
    c = case["sender_data"]
    key, nonce = sender_key(kind, unhex(c["sender_data_secret"]), unhex(c["ciphertext"]))
    same((key, nonce), (unhex(c["key"]), unhex(c["nonce"])), "the sender data key")
    tree = SecretTree.from_encryption_secret(len(case["leaves"]), unhex(case["encryption_secret"]))
    for leaf, generations in enumerate(case["leaves"]):
        for g in generations:
            for ratchet_kind, name in ((HANDSHAKE, "handshake"), (APPLICATION, "application")):
                tree, ratchet = tree.ratchet(kind, leaf, ratchet_kind)
                found, ratchet = ratchet.take(kind, g["generation"], 1 << 20, 1 << 20)
                tree = tree.with_ratchet(leaf, ratchet_kind, ratchet)
                same(found.key, unhex(g[f"{name}_key"]), f"{name} key")
                same(found.nonce, unhex(g[f"{name}_nonce"]), f"{name} nonce")


def transcripts(case: dict[str, Any]) -> None:
    kind = suite(case["cipher_suite"])
    content = AuthenticatedContent.decode(unhex(case["authenticated_content"]))
    after = transcript.confirmed(kind, unhex(case["interim_transcript_hash_before"]), content)
    same(after, unhex(case["confirmed_transcript_hash_after"]), "the confirmed hash")
    tag = content.auth.confirmation_tag
    same(kind.mac(unhex(case["confirmation_key"]), after), tag, "the confirmation tag")
    interim = transcript.interim(kind, after, tag)
    same(interim, unhex(case["interim_transcript_hash_after"]), "the interim hash")
