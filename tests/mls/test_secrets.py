"""Secrets show nowhere: in no `repr` or `str` of what the room makes, in no error, in no log (`spec/mls.md`)."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import os
import pkgutil
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import colloque.mls
from colloque.mls.api import Group, MlsError, Psk
from colloque.mls.crypto import hpke
from colloque.mls.group.advance import Advanced, Before
from colloque.mls.group.enter import Joiner
from colloque.mls.group.psks import PskStore
from colloque.mls.group.state import PastSecrets, State
from colloque.mls.messages.welcome import GroupSecrets, PathSecret
from colloque.mls.schedule.key_schedule import from_epoch_secret
from colloque.mls.schedule.secret_tree import MessageKey, Ratchet
from colloque.mls.tree.treekem import make_path
from fuzz.mls_scene import NOW, R, Scene

ROOM = Path(__file__).resolve().parents[2] / "src/colloque/mls"
SHOWN = Path(__file__).with_name("shown.txt")
_FIELDS = "__dataclass_fields__"
WORDS = re.compile(
    r"secret|private|plaintext|signer$|^init$|joiner|exporter|nonce$|^keys?$|_key$|psks?$|stored|skipped"
)
"""Names of fields that may hold a secret: whoever shows one is in `PUBLIC`, with the reason."""
PUBLIC = {
    "ExternalSender.signature_key: public",
    "GroupInfo.signer: a leaf's index",
    "KeyPackage.init_key: public",
    "LeafNode.encryption_key: public",
    "LeafNode.signature_key: public",
    "Member.signature_key: public",
    "Outsider.signature_key: public",
    "ParentNode.encryption_key: public",
    "Policy.committer_signature_key: public",
    "Applied.psks: their names",
    "GroupSecrets.psks: their names",
    "PreSharedKey.psk: its name",
    "Kem.load_private: a function",
    "PskId.nonce: travels in clear",
    "UpdatePathNode.encryption_key: public",
    "UpdatePathNode.secrets: ciphertexts",
    "EncryptedGroupSecrets.secrets: ciphertexts",
    "Welcome.secrets: ciphertexts",
    "Founding.signer: a SignatureKey, which hides its private half",
    "NewEpoch.secrets: shows none itself",
    "NewPath.private: a PrivateTree, which hides its keys",
    "Policy.skipped_generations: a number",
    "EdDsa.private_type: a class",
}


def classes() -> dict[str, type]:
    """Every dataclass of the room."""
    found: dict[str, type] = {}
    for module in pkgutil.walk_packages(colloque.mls.__path__, "colloque.mls."):
        if "vectors" in module.name:
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and value.__module__ == module.name and hasattr(value, _FIELDS):
                found[value.__qualname__] = value
    return found


def planted(kind: type) -> tuple[Any, dict[str, str]]:
    """An instance whose every field is a word that is found again, and the words."""
    words = {name: f"planted {name} planted" for name in getattr(kind, _FIELDS)}
    value: Any = object.__new__(kind)
    for name, word in words.items():
        object.__setattr__(value, name, _Loud(word))
    return value, words


class _Loud(bytes):
    """A value that says everything about itself, wherever it is shown."""

    def __new__(cls, word: str) -> _Loud:
        return super().__new__(cls, word.encode())

    def __repr__(self) -> str:
        return self.decode()

    def __getattr__(self, _: str) -> _Loud:
        return self

    def __call__(self) -> tuple[()]:
        return ()


def shown(kind: type) -> list[str]:
    value, words = planted(kind)
    said = f"{value!r} {value!s} {value:}"
    return [name for name, word in words.items() if word in said]


def test_what_each_dataclass_shows() -> None:
    """A snapshot: who adds a field has to say, here, whether it is shown."""
    said = "".join(
        f"{name}: {' '.join(shown(kind))}".rstrip() + "\n" for name, kind in sorted(classes().items())
    )
    if os.environ.get("WRITE_SHOWN"):
        SHOWN.write_text(said, encoding="utf-8")
    assert said == SHOWN.read_text(encoding="utf-8")


def test_no_field_that_may_be_secret_is_shown() -> None:
    allowed = {entry.split(":")[0] for entry in PUBLIC}
    loud = {
        f"{name}.{field}" for name, kind in classes().items() for field in shown(kind) if WORDS.search(field)
    }
    assert loud - allowed == set()
    assert allowed - loud == set(), "said to be shown, and is not"
    hidden = {"State.signer", "EpochSecrets.init", "PrivateTree.keys", "Application.plaintext", "Psk.secret"}
    named = {f"{name}.{f}" for name, kind in classes().items() for f in getattr(kind, _FIELDS)}
    assert hidden <= named, "the words look for fields that are there"


# --- real values ---


def secrets_of(state: State) -> Iterator[bytes]:
    yield state.signer
    yield from state.private.keys.values()
    for field in dataclasses.fields(state.secrets):
        yield getattr(state.secrets, field.name)
    yield from state.secret_tree.nodes.values()
    for ratchet in state.secret_tree.ratchets.values():
        yield ratchet.secret
        for key in ratchet.skipped:
            yield from (key.key, key.nonce)
    for past in state.past:
        opened = PastSecrets.decode(past.stored)
        yield from (
            past.stored,
            opened.sender_data,
            opened.resumption_psk,
            *opened.secret_tree.nodes.values(),
        )
    yield from state.updates.values()


def forms(secret: bytes) -> tuple[str, ...]:
    """As bytes are written: escaped, in hex; whole, or from the middle."""
    part = secret[4:16]
    return (repr(secret)[2:-1], secret.hex(), repr(part)[2:-1], part.hex())


def objects(value: Any, depth: int = 0) -> Iterator[Any]:
    if isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from objects(item, depth)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from objects(item, depth)
    elif dataclasses.is_dataclass(value) and depth < 12:
        yield value
        for field in dataclasses.fields(value):
            yield from objects(getattr(value, field.name), depth + 1)


def test_no_secret_of_a_group_shows_in_anything_that_it_is_made_of() -> None:
    scene = Scene()
    host = scene.spoken
    late = scene.welcomed.process(scene.late, NOW)
    epoch = from_epoch_secret(
        scene.kind, b"a secret of an epoch, long enough", b"the joiner's secret", b"the Welcome's"
    )
    made = make_path(host.state.tree, 0, host.state.signer, host.group_id, R)
    own = b"a secret that is planted"
    values = [
        (host, scene.guest, scene.third, scene.waiting, scene.joiner, late),
        host.commit(R, NOW, psks=[Psk(b"id", own)]),
        host.sending(own, R),
        epoch,
        Advanced(host.state.context, epoch, b"tag"),
        Before(scene.kind, b"interim", own),
        Joiner(host.state.tree.leaf(0), own, False, PskStore({b"id": own}, (host.state,))),
        made,
        GroupSecrets(own, PathSecret(own), ()),
        MessageKey(own, own, 1),
        Ratchet(own, 3, (MessageKey(own, own, 1),)),
        hpke.Context(scene.kind._composed, own, own, own),
    ]
    secrets = {own, made.commit_secret, *made.secrets.values(), epoch.encryption, epoch.joiner, epoch.welcome}
    for group in (host, scene.guest, scene.third, scene.waiting, scene.welcomed):
        secrets |= set(secrets_of(group.state))
    secrets |= {scene.joiner.secrets.init, scene.joiner.secrets.leaf, scene.joiner.signer.private}
    secrets |= set(secrets_of(scene.guest.propose_update(R, NOW)[0].state))
    wanted = [form for secret in secrets if len(secret) >= 12 for form in forms(secret)]
    seen = set()
    for value in objects(values):
        seen.add(type(value).__name__)
        said = f"{value!r} {value!s}"
        assert not any(form in said for form in wanted), type(value).__name__
    assert {"State", "EpochSecrets", "SecretTree", "Ratchet", "Staged", "Application", "Context"} <= seen
    assert len(wanted) > 200


# --- errors and logs ---


def test_errors_under_planted_secrets(errors_raised: list[str]) -> None:
    """A walk through refusals; what they say is held by `conftest.py` for every test of the room."""
    scene = Scene()
    start = len(errors_raised)
    for message in scene.messages:
        for at in (5, len(message) // 2, len(message) - 1):
            data = message[:at] + bytes([message[at] ^ 1]) + message[at + 1 :]
            with pytest.raises(MlsError):
                scene.guest.process(data, NOW)
    with pytest.raises(MlsError):
        Group.from_bytes(scene.host.to_bytes()[:-1])
    assert len(errors_raised) - start > 40


def test_the_room_has_nothing_to_log_with() -> None:
    for path in ROOM.rglob("*.py"):
        if "vectors" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_bytes())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not {"logging", "warnings", "sys", "traceback"} & set(names), path
            assert not (isinstance(node, ast.Name) and node.id == "print"), path
