"""Cases of single functions: labelled operations, the key schedule, keys, transcripts, the protection of messages."""

from __future__ import annotations

from typing import Any

from colloque.mls.crypto.suite import Suite
from colloque.mls.framing.content import (
    Auth,
    AuthenticatedContent,
    Body,
    ContentType,
    FramedContent,
    Sender,
    SenderType,
    WireFormat,
    encode_body,
    sign_content,
)
from colloque.mls.framing.private_message import sender_key
from colloque.mls.messages.commit import Commit
from colloque.mls.messages.proposal import PreSharedKey, ProposalOrRef, Remove
from colloque.mls.messages.psk import PskId, PskType, psk_secret
from colloque.mls.messages.welcome import GroupContext
from colloque.mls.schedule import transcript
from colloque.mls.schedule.key_schedule import export, next_epoch
from colloque.mls.schedule.secret_tree import APPLICATION, HANDSHAKE, SecretTree
from colloque.mls.vectors.messages import seal_case
from colloque.mls.vectors.schedules import SECRETS
from tools.mls_vectors.seed import Seed

Cases = list[dict[str, Any]]


def crypto_basics(kind: Suite, seed: Seed) -> Cases:
    size = kind.hash_bytes
    value, secret, context = seed(64), seed(size), seed(32)
    signer = seed.signer(kind)
    content = seed(64)
    private, public = kind.derive_key_pair(seed(size))
    plain = seed(64)
    output, sealed = kind.encrypt_with_label(public, "EncryptWithLabel", context, plain)
    hexes = {name: data.hex() for name, data in {"secret": secret, "context": context}.items()}
    return [
        {
            "cipher_suite": kind.number,
            "ref_hash": {
                "label": "RefHash",
                "value": value.hex(),
                "out": kind.ref_hash("RefHash", value).hex(),
            },
            "expand_with_label": {
                **hexes,
                "label": "ExpandWithLabel",
                "length": 40,
                "out": kind.expand_with_label(secret, "ExpandWithLabel", context, 40).hex(),
            },
            "derive_secret": {
                "secret": hexes["secret"],
                "label": "DeriveSecret",
                "out": kind.derive_secret(secret, "DeriveSecret").hex(),
            },
            "derive_tree_secret": {
                "secret": hexes["secret"],
                "label": "DeriveTreeSecret",
                "generation": 7,
                "length": 40,
                "out": kind.derive_tree_secret(secret, "DeriveTreeSecret", 7, 40).hex(),
            },
            "sign_with_label": {
                "priv": signer.hex(),
                "pub": kind.scheme.public(signer).hex(),
                "content": content.hex(),
                "label": "SignWithLabel",
                "signature": kind.sign_with_label(signer, "SignWithLabel", content).hex(),
            },
            "encrypt_with_label": {
                "priv": private.hex(),
                "pub": public.hex(),
                "label": "EncryptWithLabel",
                "context": context.hex(),
                "plaintext": plain.hex(),
                "kem_output": output.hex(),
                "ciphertext": sealed.hex(),
            },
        }
    ]


def key_schedule(kind: Suite, seed: Seed) -> Cases:
    size = kind.hash_bytes
    group_id, init = seed(16), seed(size)
    case: dict[str, Any] = {
        "cipher_suite": kind.number,
        "group_id": group_id.hex(),
        "initial_init_secret": init.hex(),
    }
    epochs = []
    for number in range(5):
        tree_hash, commit, psk, confirmed = (seed(size) for _ in range(4))
        context = GroupContext(1, kind.number, group_id, number, tree_hash, confirmed).encode()
        epoch = next_epoch(kind, init, commit, psk, context)
        label, about = seed.hex(16), seed(16)
        exported = export(kind, epoch.secrets.exporter, label, about, 40)
        epochs.append(
            {
                "tree_hash": tree_hash.hex(),
                "commit_secret": commit.hex(),
                "psk_secret": psk.hex(),
                "confirmed_transcript_hash": confirmed.hex(),
                "group_context": context.hex(),
                "joiner_secret": epoch.joiner.hex(),
                "welcome_secret": epoch.welcome.hex(),
                "encryption_secret": epoch.encryption.hex(),
                **{theirs: getattr(epoch.secrets, mine).hex() for mine, theirs in SECRETS},
                "external_secret": epoch.secrets.external.hex(),
                "external_pub": kind.derive_key_pair(epoch.secrets.external)[1].hex(),
                "exporter": {
                    "label": label,
                    "context": about.hex(),
                    "length": 40,
                    "secret": exported.hex(),
                },
            }
        )
        init = epoch.secrets.init
    return [{**case, "epochs": epochs}]


def psk_secrets(kind: Suite, seed: Seed) -> Cases:
    cases = []
    for count in (0, 1, 2, 5):
        psks = [
            (PskId(PskType.EXTERNAL, seed(kind.hash_bytes), seed(32)), seed(kind.hash_bytes))
            for _ in range(count)
        ]
        cases.append(
            {
                "cipher_suite": kind.number,
                "psks": [
                    {"psk_id": p.id.hex(), "psk": secret.hex(), "psk_nonce": p.nonce.hex()}
                    for p, secret in psks
                ],
                "psk_secret": psk_secret(kind, psks).hex(),
            }
        )
    return cases


def secret_tree(kind: Suite, seed: Seed) -> Cases:
    cases = []
    for leaves in (1, 8):
        secret, sender_data, ciphertext = seed(kind.hash_bytes), seed(kind.hash_bytes), seed(77)
        key, nonce = sender_key(kind, sender_data, ciphertext)
        tree = SecretTree.from_encryption_secret(leaves, secret)
        listed = []
        for leaf in range(leaves):
            generations = []
            for generation in (0, 15):
                found: dict[str, Any] = {"generation": generation}
                for ratchet_kind, name in ((HANDSHAKE, "handshake"), (APPLICATION, "application")):
                    _, ratchet = tree.ratchet(kind, leaf, ratchet_kind)
                    taken, _ = ratchet.take(kind, generation, 100, 0)
                    found[f"{name}_key"], found[f"{name}_nonce"] = taken.key.hex(), taken.nonce.hex()
                generations.append(found)
            listed.append(generations)
        cases.append(
            {
                "cipher_suite": kind.number,
                "encryption_secret": secret.hex(),
                "sender_data": {
                    "sender_data_secret": sender_data.hex(),
                    "ciphertext": ciphertext.hex(),
                    "key": key.hex(),
                    "nonce": nonce.hex(),
                },
                "leaves": listed,
            }
        )
    return cases


def _psk_commit(kind: Suite, seed: Seed) -> Commit:
    psk = PskId(PskType.EXTERNAL, seed(kind.hash_bytes), seed(16))
    return Commit((ProposalOrRef(PreSharedKey(psk)),))


def transcript_hashes(kind: Suite, seed: Seed) -> Cases:
    size = kind.hash_bytes
    before, key = seed(size), seed(size)
    context = GroupContext(1, kind.number, seed(16), 7, seed(size), seed(size))
    sender = Sender(SenderType.MEMBER, 0)
    content = FramedContent(context.group_id, 7, sender, b"", ContentType.COMMIT, _psk_commit(kind, seed))
    signature = sign_content(kind, seed.signer(kind), WireFormat.PUBLIC, content, context)
    unconfirmed = AuthenticatedContent(WireFormat.PUBLIC, content, Auth(signature))
    confirmed = transcript.confirmed(kind, before, unconfirmed)
    tag = kind.mac(key, confirmed)
    message = AuthenticatedContent(WireFormat.PUBLIC, content, Auth(signature, tag))
    return [
        {
            "cipher_suite": kind.number,
            "confirmation_key": key.hex(),
            "authenticated_content": message.encode().hex(),
            "interim_transcript_hash_before": before.hex(),
            "confirmed_transcript_hash_after": confirmed.hex(),
            "interim_transcript_hash_after": transcript.interim(kind, confirmed, tag).hex(),
        }
    ]


def message_protection(kind: Suite, seed: Seed) -> Cases:
    size, signer = kind.hash_bytes, seed.signer(kind)
    case: dict[str, Any] = {"cipher_suite": kind.number, "group_id": seed.hex(16), "epoch": 9}
    for name in ("tree_hash", "confirmed_transcript_hash"):
        case[name] = seed.hex(size)
    case |= {"signature_priv": signer.hex(), "signature_pub": kind.scheme.public(signer).hex()}
    for name in ("encryption_secret", "sender_data_secret", "membership_key"):
        case[name] = seed.hex(size)
    bodies: tuple[tuple[str, ContentType, Body], ...] = (
        ("proposal", ContentType.PROPOSAL, Remove(1)),
        ("commit", ContentType.COMMIT, _psk_commit(kind, seed)),
        ("application", ContentType.APPLICATION, seed(40)),
    )
    hashes = bytes.fromhex(case["tree_hash"]), bytes.fromhex(case["confirmed_transcript_hash"])
    context = GroupContext(1, kind.number, bytes.fromhex(case["group_id"]), 9, *hashes)
    for name, content_type, body in bodies:
        plain = body if isinstance(body, bytes) else encode_body(body)
        case[name] = plain.hex()
        case[f"{name}_priv"] = seal_case(case, kind, context, content_type, body, True).hex()
        if content_type is not ContentType.APPLICATION:
            case[f"{name}_pub"] = seal_case(case, kind, context, content_type, body, False).hex()
    return [case]
