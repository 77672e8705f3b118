"""`Group.process`, `Group.join` and `Group.join_external` under mutated real messages.

What a stranger can send is mutated as it travels. What a member or an inviter can send is mutated inside, then signed, tagged and
sealed with their keys: so the rules behind the cryptography meet wrong values too, and not its refusals alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from colloque.mls.api import Group, MlsError
from colloque.mls.framing.content import (
    Auth,
    AuthenticatedContent,
    ContentType,
    FramedContent,
    SenderType,
    WireFormat,
    encode_body,
    sign_content,
)
from colloque.mls.framing.message import MlsMessage
from colloque.mls.framing.private_message import PrivateMessage, SenderData, _guarded, sender_key
from colloque.mls.framing.public_message import PublicMessage
from colloque.mls.group.psks import PskStore
from colloque.mls.group.sealing import signed
from colloque.mls.messages.commit import Commit, HpkeCiphertext
from colloque.mls.messages.extension import RATCHET_TREE, find
from colloque.mls.messages.proposal import ProposalOrRef, Remove
from colloque.mls.messages.psk import psk_secret
from colloque.mls.messages.welcome import EncryptedGroupSecrets, GroupInfo, GroupSecrets, Welcome
from colloque.mls.schedule.key_schedule import welcome_key, welcome_secret
from colloque.mls.schedule.secret_tree import APPLICATION, HANDSHAKE
from colloque.mls.tree.ratchet_tree import RatchetTree
from fuzz.mls_scene import NOW, OPEN, PSKS, R, Scene, commit_of
from fuzz.target import Target


class Forger:
    """Makes of mutated insides the messages that their author could have sent."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.kind = scene, scene.kind
        self.signers = {g.own_leaf: g.state.signer for g in (scene.host, scene.guest, scene.third)}
        self.secrets = self._secrets()

    def process(self, data: bytes) -> None:
        for group in (self.scene.host, self.scene.waiting):
            try:
                group.process(data, NOW, psks=PSKS)
            except MlsError:
                if group is self.scene.waiting:
                    raise

    # --- messages of a member ---

    def contents(self) -> Iterator[bytes]:
        for message in self.scene.messages:
            body = MlsMessage.decode(message).body
            if isinstance(body, PublicMessage):
                yield body.content.encode()

    def public(self, data: bytes) -> bytes:
        """FramedContent, signed by its author; the leaf in its path too."""
        content, state = FramedContent.decode(data), self.scene.host.state
        body, leaf = content.body, content.sender.index
        if content.sender.type is not SenderType.MEMBER:
            replaced = [p.proposal.removed for p in _proposals(body) if isinstance(p.proposal, Remove)]
            leaf = min(replaced[0] if replaced else 4, 1 << 31)
        key = self.scene.stranger.private
        if content.sender.type is SenderType.MEMBER:
            key = self.signers.get(leaf, key)
        if isinstance(body, Commit) and body.path is not None:
            path = replace(
                body.path,
                leaf=body.path.leaf.sign(self.kind, key, state.context.group_id, min(leaf, 1 << 31)),
            )
            content = replace(content, body=replace(body, path=path))
        signature = sign_content(self.kind, key, WireFormat.PUBLIC, content, state.context)
        message = AuthenticatedContent(WireFormat.PUBLIC, content, Auth(signature, b"t" * 32))
        if content.type is ContentType.APPLICATION:
            return MlsMessage(PublicMessage(content, message.auth, b"t" * 32)).encode()
        key = state.secrets.membership_key
        return MlsMessage(PublicMessage.protect(self.kind, message, key, state.context)).encode()

    def plaintexts(self) -> Iterator[bytes]:
        for content in self.contents():
            framed = FramedContent.decode(content)
            if framed.sender.type is SenderType.MEMBER:
                message = signed(self.scene.guest.state, WireFormat.PRIVATE, framed)
                auth = message.auth.encode(framed.type)
                yield bytes([framed.type]) + encode_body(framed.body) + auth + bytes(3)

    def private(self, data: bytes) -> bytes:
        """A kind of content, then the plaintext of a private message."""
        return self._sealed(data, SenderData(1, 5, b"abcd").encode())

    def _sealed(self, data: bytes, sender: bytes) -> bytes:
        state = self.scene.guest.state
        kind = ContentType((data[0] - 1) % 3 + 1) if data else ContentType.COMMIT
        which = APPLICATION if kind is ContentType.APPLICATION else HANDSHAKE
        ratchet = state.secret_tree.ratchet(self.kind, 1, which)[1]
        key = ratchet.take(self.kind, max(5, ratchet.generation), 64, 0)[0]
        generation = SenderData(1, key.generation, b"abcd").encode()
        context = state.context
        empty = PrivateMessage(context.group_id, context.epoch, kind, b"", b"", b"")
        aad = empty._head() + b"\0"
        ciphertext = self.kind.seal(key.key, _guarded(key.nonce, b"abcd"), aad, data[1:])
        data_key, nonce = sender_key(self.kind, state.secrets.sender_data, ciphertext)
        wanted = generation if sender == SenderData(1, 5, b"abcd").encode() else sender
        sealed = self.kind.seal(data_key, nonce, empty._head(), wanted)
        return MlsMessage(replace(empty, encrypted_sender_data=sealed, ciphertext=ciphertext)).encode()

    def sender(self, data: bytes) -> bytes:
        """The sender's data alone."""
        return self._sealed(b"\1" + b"x" * 40, data)

    # --- Welcomes and group infos of an inviter ---

    def _secrets(self) -> GroupSecrets:
        body = MlsMessage.decode(self.scene.welcome).body
        assert isinstance(body, Welcome)
        [mine] = body.secrets
        sealed = mine.secrets
        opened = self.kind.decrypt_with_label(
            self.scene.joiner.secrets.init,
            "Welcome",
            body.encrypted_group_info,
            sealed.kem_output,
            sealed.ciphertext,
        )
        return GroupSecrets.decode(opened)

    def welcome(self, info: bytes, secrets: bytes) -> bytes:
        package = self.scene.joiner.package
        psk = psk_secret(self.kind, PskStore(PSKS).find(self.secrets.psks))
        key, nonce = welcome_key(self.kind, welcome_secret(self.kind, self.secrets.joiner_secret, psk))
        sealed = self.kind.seal(key, nonce, b"", info)
        output = self.kind.encrypt_with_label(package.init_key, "Welcome", sealed, secrets)
        entry = EncryptedGroupSecrets(package.ref, HpkeCiphertext(*output))
        return MlsMessage(Welcome(self.kind.number, (entry,), sealed)).encode()

    def signed_info(self, data: bytes) -> GroupInfo:
        """A group info with the hash of the tree in it, signed by the host."""
        info = GroupInfo.decode(data)
        tree = find(info.extensions, RATCHET_TREE)
        if tree is not None:
            hash_ = RatchetTree.decode(self.kind, tree).tree_hash()
            info = replace(info, context=replace(info.context, tree_hash=hash_))
        return info.sign(self.kind, self.signers.get(info.signer, self.signers[0]))

    def join(self, welcome: bytes) -> Group:
        return self.scene.join(welcome, self.scene.joiner)

    def enter(self, info: bytes) -> None:
        Group.join_external(info, self.scene.stranger, b"hugo", R, NOW, policy=OPEN)

    # --- bytes of a store ---

    def stored(self, data: bytes) -> None:
        """A state that decodes is one with which everything else gives values or refusals."""
        group = Group.from_bytes(data)
        assert group.to_bytes() == data
        for message in (self.scene.messages[-9], self.scene.late, self.scene.messages[0]):
            try:
                group.process(message, NOW, psks=PSKS)
            except MlsError:
                continue
        group.members()
        group.protect(b"x", R)


def targets(scene: Scene) -> tuple[Target, ...]:
    forger = Forger(scene)
    info = scene.welcomed.group_info(external=False)
    inner = MlsMessage.decode(info).body.encode()
    outer = MlsMessage.decode(scene.info).body.encode()
    secrets = forger.secrets.encode()

    def one(name: str, seeds: Iterator[bytes] | tuple[bytes, ...], run: object) -> Target:
        return Target(name, tuple(seeds), run, None, MlsError)  # type: ignore[arg-type]

    commits = [m for m in scene.messages if _is_commit(m)]
    assert any(commit_of(message).path is not None for message in commits)
    return (
        one("process", tuple(scene.messages), forger.process),
        one("process, signed", forger.contents(), lambda d: forger.process(forger.public(d))),
        one("process, sealed", forger.plaintexts(), lambda d: forger.process(forger.private(d))),
        one(
            "process, sender",
            (SenderData(1, 6, b"abcd").encode(),),
            lambda d: forger.process(forger.sender(d)),
        ),
        one("join", (scene.welcome,), forger.join),
        one(
            "join, signed",
            (inner,),
            lambda d: forger.join(forger.welcome(forger.signed_info(d).encode(), secrets)),
        ),
        one("join, sealed", (inner,), lambda d: forger.join(forger.welcome(d, secrets))),
        one("join, secrets", (secrets,), lambda d: forger.join(forger.welcome(inner, d))),
        one("enter", (scene.info,), forger.enter),
        one("enter, signed", (outer,), lambda d: forger.enter(MlsMessage(forger.signed_info(d)).encode())),
        one("stored", (scene.host.to_bytes(), scene.guest.to_bytes()), forger.stored),
    )


def _proposals(body: object) -> tuple[ProposalOrRef, ...]:
    return body.proposals if isinstance(body, Commit) else ()


def _is_commit(message: bytes) -> bool:
    body = MlsMessage.decode(message).body
    return isinstance(body, PublicMessage) and body.content.type is ContentType.COMMIT
