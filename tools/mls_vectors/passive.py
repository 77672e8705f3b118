"""Cases of clients that join and follow: Welcomes, single commits, random walks, and everything from outside the group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from colloque.mls.api import (
    Add,
    BasicCredential,
    Committed,
    Extension,
    ExternalSender,
    Group,
    KeyPackage,
    KeyPackageSecrets,
    Policy,
    Psk,
    Remove,
    SignatureKey,
    Staged,
    external_senders,
    new_key_package,
    propose_outside,
)
from colloque.mls.crypto.suite import Suite
from colloque.mls.framing.message import MlsMessage
from colloque.mls.framing.public_message import PublicMessage
from colloque.mls.messages.proposal import PreSharedKey
from colloque.mls.messages.psk import PskId, PskType
from tools.mls_vectors.parts import Cases
from tools.mls_vectors.seed import Seed
from tools.mls_vectors.trees import LIFETIME

NOW = LIFETIME.not_before + 1
POLICY = Policy(
    external_commits=True,
    external_resync=True,
    external_proposals=True,
    newcomer_proposals=True,
    reinit=True,
)
NEEDS = Extension(3, b"\x00\x00\x02\x00\x01")
"""Required capabilities: the basic credential."""


@dataclass
class Client:
    name: bytes
    signer: SignatureKey
    package: KeyPackage
    secrets: KeyPackageSecrets


@dataclass
class Stage:
    """A group in the making. `groups`: by name; `passive`: whose case is written, who does nothing itself."""

    kind: Suite
    seed: Seed
    groups: dict[bytes, Group] = field(default_factory=dict)
    passive: bytes = b""
    case: dict[str, Any] = field(default_factory=dict)
    proposals: list[bytes] = field(default_factory=list)
    count: int = 0
    public: bool = False

    def client(self) -> Client:
        name = b"client %d" % self.count
        self.count += 1
        signer = SignatureKey(self.kind, self.seed.signer(self.kind))
        return Client(name, signer, *new_key_package(self.kind, signer, name, LIFETIME, self.seed))

    @property
    def wire(self) -> str:
        return "public" if self.public else "private"

    @property
    def psks(self) -> dict[bytes, bytes]:
        return {
            bytes.fromhex(p["psk_id"]): bytes.fromhex(p["psk"]) for p in self.case.get("external_psks", [])
        }

    def found(self, extensions: Sequence[Extension] = ()) -> None:
        who = self.client()
        group = Group.create(
            self.kind,
            self.seed(16),
            who.signer,
            who.name,
            self.seed,
            NOW,
            policy=POLICY,
            extensions=tuple(extensions),
        )
        self.groups = {who.name: group}

    def join(self, welcome: bytes | None, who: Client, tree: bytes | None = None) -> None:
        assert welcome is not None
        self.groups[who.name] = Group.join(
            welcome,
            who.package,
            who.secrets,
            who.signer,
            NOW,
            psks=self.psks,
            ratchet_tree=tree,
            policy=POLICY,
        )

    def grow(self, more: int, *, path: bool = True) -> None:
        """The founder adds `more` clients, and each commits once, so that the tree is full of keys."""
        new = [self.client() for _ in range(more)]
        first = next(iter(self.groups))
        staged = self.groups[first].commit(self.seed, NOW, add=[c.package for c in new], path=path)
        self.advance(first, staged)
        for who in new:
            self.join(staged.welcome, who)
        for name in list(self.groups)[:4]:
            self.advance(name, self.groups[name].commit(self.seed, NOW))

    def advance(self, by: bytes | None, staged: Staged) -> None:
        """Everybody takes a commit; the passive client's case gets another epoch."""
        after: dict[bytes, Group] = {}
        for name, group in self.groups.items():
            if name == by:
                after[name] = staged.group
                continue
            event = group.process(staged.message, NOW, psks=self.psks)
            assert isinstance(event, Committed)
            if not event.self_removed:
                after[name] = event.group
        self.groups = after
        if self.passive in after:
            self.case["epochs"].append(
                {
                    "proposals": [p.hex() for p in self.proposals],
                    "commit": staged.message.hex(),
                    "epoch_authenticator": after[self.passive].epoch_authenticator.hex(),
                }
            )
        self.proposals = []

    def admit(self, psks: Sequence[Psk] = (), *, tree_inside: bool = True, path: bool = True) -> None:
        """The passive client joins."""
        who = self.client()
        first = next(iter(self.groups))
        staged = self.groups[first].commit(
            self.seed, NOW, add=[who.package], psks=psks, tree_in_welcome=tree_inside, path=path
        )
        assert staged.welcome is not None
        known = [{"psk_id": p.id.hex(), "psk": p.secret.hex()} for p in psks]
        self.case = {"external_psks": known}
        self.advance(first, staged)
        self.join(staged.welcome, who, staged.ratchet_tree)
        self.passive = who.name
        self.case = {
            "cipher_suite": self.kind.number,
            "external_psks": known,
            "key_package": MlsMessage(who.package).encode().hex(),
            "signature_priv": who.signer.private.hex(),
            "encryption_priv": who.secrets.leaf.hex(),
            "init_priv": who.secrets.init.hex(),
            "welcome": staged.welcome.hex(),
            "ratchet_tree": staged.ratchet_tree.hex() if staged.ratchet_tree else None,
            "initial_epoch_authenticator": self.groups[who.name].epoch_authenticator.hex(),
            "epochs": [],
        }

    @property
    def active(self) -> list[bytes]:
        return [name for name in self.groups if name != self.passive]

    def hear(self, by: bytes | None, made: tuple[Group, bytes] | bytes) -> None:
        """A proposal reaches everybody else."""
        message = made if isinstance(made, bytes) else made[1]
        for name, group in self.groups.items():
            if name == by and not isinstance(made, bytes):
                self.groups[name] = made[0]
            else:
                self.groups[name] = group.process(message, NOW).group
        self.proposals.append(message)

    def commit(self, by: bytes, **what: Any) -> None:
        group = self.groups[by]
        staged = group.commit(
            self.seed,
            NOW,
            by_reference=group.pending(),
            known_psks=self.psks,
            wire=self.wire,
            **what,
        )
        self.advance(by, staged)

    def enter(self, *, resync: bytes | None = None) -> None:
        who = self.client()
        name = resync or who.name
        through = next(n for n in self.active if n != resync)
        staged = Group.join_external(
            self.groups[through].group_info(),
            who.signer,
            name,
            self.seed,
            NOW,
            resync=resync is not None,
            policy=POLICY,
        )
        self.advance(None, staged)
        self.groups[name] = staged.group

    def leaf(self, name: bytes) -> int:
        return self.groups[name].own_leaf


def welcome(kind: Suite, seed: Seed) -> Cases:
    stage = Stage(kind, seed)
    stage.found()
    signer = next(iter(stage.groups.values())).signature_key(0)
    stage.admit()
    names = ("cipher_suite", "init_priv", "key_package", "welcome")
    return [{**{name: stage.case[name] for name in names}, "signer_pub": signer.hex()}]


def welcomes(kind: Suite, seed: Seed) -> Cases:
    cases = []
    for size, inside, keys, path in (
        (0, True, 0, True),
        (2, False, 1, True),
        (4, True, 2, True),
        (3, True, 0, False),
    ):
        stage = Stage(kind, seed)
        stage.found()
        if size:
            stage.grow(size)
        psks = [Psk(seed(16), seed(32)) for _ in range(keys)]
        stage.admit(psks, tree_inside=inside, path=path)
        cases.append(stage.case)
    return cases


def commits(kind: Suite, seed: Seed) -> Cases:
    """Each kind of proposal, by reference and by value, in private and in public messages."""
    cases = []
    for public in (False, True):
        stage = Stage(kind, seed, public=public)
        stage.found()
        stage.grow(2)
        stage.admit([Psk(b"known", seed(32))])
        one, two = stage.active[0], stage.active[1]
        new = stage.client()
        stage.commit(two, add=[new.package])
        stage.hear(one, stage.groups[one].propose_add(stage.client().package, seed, NOW, wire=stage.wire))
        stage.hear(two, stage.groups[two].propose_update(seed, NOW, wire=stage.wire))
        stage.hear(one, stage.groups[one].propose_psk(b"known", seed, NOW, wire=stage.wire))
        stage.commit(one)
        stage.commit(two, remove=[4], group_context_extensions=(NEEDS,))
        stage.commit(one, psks=[Psk(b"known", stage.psks[b"known"])], path=False)
        cases.append(stage.case)
    return cases


def walks(kind: Suite, seed: Seed) -> Cases:
    """Seven epochs of anything, one of them ended by a reinit. Leaf 0 stays."""
    cases = []
    for last in ("reinit", "reinit by reference"):
        stage = Stage(kind, seed)
        stage.found()
        stage.grow(3)
        stage.admit([Psk(b"known", seed(32))])
        for _ in range(6):
            _step(stage, seed.choice.choice(("propose", "propose", "value", "enter", "resync", "resume")))
        by = stage.active[0]
        group = stage.groups[by]
        if last == "reinit":
            stage.advance(by, group.commit_reinit(seed(16), seed, NOW, suite=kind, extensions=(NEEDS,)))
        else:
            stage.hear(by, group.propose_reinit(seed(16), seed, NOW))
            stage.commit(stage.active[1])
        cases.append(stage.case)
    return cases


def _step(stage: Stage, what: str) -> None:
    chance, seed = stage.seed.choice, stage.seed
    stage.public = chance.random() < 0.4
    by = chance.choice(stage.active)
    others = [n for n in stage.active if n != by and stage.leaf(n) != 0]
    if what == "propose":
        for name in chance.sample(stage.active, 2):
            if name != by:
                stage.hear(name, stage.groups[name].propose_update(seed, NOW, wire=stage.wire))
        if len(others) > 2:
            stage.commit(by)
            return
        stage.hear(by, stage.groups[by].propose_psk(b"known", seed, NOW, wire=stage.wire))
        new = stage.client()
        asks = stage.groups[by]
        stage.hear(
            None,
            propose_outside(
                asks.suite.number, asks.group_id, asks.epoch, Add(new.package), new.signer.private, None
            ),
        )
        stage.commit(by)
    elif what == "value":
        gone = [stage.leaf(others[0])] if len(others) > 1 else []
        stage.commit(
            by, remove=gone, add=[stage.client().package], psks=[Psk(b"known", stage.psks[b"known"])]
        )
    elif what == "enter":
        stage.enter()
    elif what == "resync" and others:
        stage.enter(resync=others[0])
    else:
        first = int(stage.groups[by].epoch)
        stage.commit(by, resume=[first], path=False)


def outside(kind: Suite, seed: Seed) -> Cases:
    """Proposals of a sender that the group's context names, committed by reference."""
    service = SignatureKey(kind, seed.signer(kind))
    senders = [
        ExternalSender(seed(32), BasicCredential(b"other")),
        ExternalSender(service.public, BasicCredential(b"desk")),
    ]
    stage = Stage(kind, seed)
    stage.found([external_senders(senders)])
    stage.grow(2)
    stage.admit([Psk(b"known", seed(32))])
    psk = PskId(PskType.EXTERNAL, seed(kind.hash_bytes), b"known")
    for proposals in ((Add(stage.client().package), PreSharedKey(psk)), (Remove(1),)):
        for proposal in proposals:
            group = stage.groups[stage.active[0]]
            stage.hear(
                None,
                propose_outside(kind.number, group.group_id, group.epoch, proposal, service.private, 1),
            )
        stage.commit(stage.active[0])
    body = MlsMessage.decode(bytes.fromhex(stage.case["epochs"][0]["proposals"][0])).body
    assert isinstance(body, PublicMessage)
    return [stage.case]
