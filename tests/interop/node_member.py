"""Members of ts-mls: one Node process holds any number of them and answers JSON lines (`driver.mjs`)."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from .member import CONTEXT, LABEL, LENGTH, Person, Psks, Received, Refused, Sent, View

FOLDER = Path(__file__).parent
TS_MLS = "1.6.4"
ANSWER_SECONDS = 60.0


def why_absent() -> str | None:
    """Why ts-mls cannot run here, or None."""
    if shutil.which("node") is None:
        return "interop with ts-mls NOT shown: there is no `node` here"
    if not (FOLDER / "node_modules" / "ts-mls" / "package.json").is_file():
        return f"interop with ts-mls NOT shown: not installed; `npm ci` in {FOLDER}, as `make` does"
    return None


def _plain(value: object) -> Any:
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    raise TypeError(type(value).__name__)


def _rich(value: dict[str, Any]) -> Any:
    return base64.b64decode(value["bytes"]) if isinstance(value.get("bytes"), str) else value


class Node:
    """The process. Ended by `close`; an answer that does not come ends it too, so that no test hangs."""

    def __init__(self) -> None:
        node = shutil.which("node")
        assert node is not None
        self._process = subprocess.Popen(
            [node, "--no-warnings", str(FOLDER / "driver.mjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=FOLDER,
            text=True,
            encoding="utf-8",
            env={**os.environ, "NODE_OPTIONS": ""},
        )
        self.version = self.ask("", "version")["version"]

    def ask(self, member: str, action: str, **order: object) -> dict[str, Any]:
        """Raises `Refused` with the name of the error that ts-mls threw."""
        given = {key: value for key, value in order.items() if value is not None}
        watchdog = threading.Timer(ANSWER_SECONDS, self._process.kill)
        watchdog.start()
        try:
            _pipe(self._process.stdin).write(
                json.dumps({"member": member, "do": action, **given}, default=_plain) + "\n"
            )
            _pipe(self._process.stdin).flush()
            line = _pipe(self._process.stdout).readline()
        finally:
            watchdog.cancel()
        if not line:
            raise AssertionError(f"Node ended while it was asked to {action}")
        answer: dict[str, Any] = json.loads(line, object_hook=_rich)
        if "error" in answer:
            raise Refused(answer["error"], answer["detail"])
        return answer

    def close(self) -> None:
        _pipe(self._process.stdin).close()
        self._process.wait(timeout=10)
        _pipe(self._process.stdout).close()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


class NodeMember:
    kind = "ts-mls"

    def __init__(
        self,
        node: Node,
        name: str,
        suite: int,
        *,
        padding: int = 256,
        past_epochs: int = 8,
        skipped_generations: int = 32,
        max_forward: int = 200,
    ) -> None:
        self.name = name
        self.suite = suite
        self._node = node
        answer = self._ask(
            "new",
            suite=suite,
            identity=name.encode(),
            padding=padding,
            past_epochs=past_epochs,
            skipped_generations=skipped_generations,
            max_forward=max_forward,
        )
        self.signature_key: bytes = answer["signature_key"]

    def _ask(self, action: str, **order: object) -> dict[str, Any]:
        return self._node.ask(self.name, action, **order)

    def key_package(self) -> bytes:
        return _bytes(self._ask("key_package"), "key_package")

    def create(self, group_id: bytes) -> None:
        self._ask("create", group_id=group_id)

    def join(self, welcome: bytes, ratchet_tree: bytes | None = None, psks: Psks | None = None) -> None:
        self._ask("join", welcome=welcome, ratchet_tree=ratchet_tree, psks=_listed(psks))

    def commit(
        self,
        *,
        add: Sequence[bytes] = (),
        remove: Sequence[int] = (),
        psks: Psks | None = None,
        known_psks: Psks | None = None,
        extensions: Sequence[tuple[int, bytes]] | None = None,
        path: bool = True,
        public: bool = False,
        tree_in_welcome: bool = True,
    ) -> Sent:
        """ts-mls makes a path exactly where it thinks that one is needed: `path` is not asked for."""
        answer = self._ask(
            "commit",
            add=list(add),
            remove=list(remove),
            psks=_listed(psks),
            known_psks=_listed(known_psks),
            extensions=None if extensions is None else [{"type": t, "data": d} for t, d in extensions],
            public=public,
            tree_in_welcome=tree_in_welcome,
        )
        return Sent(answer["message"], answer.get("welcome"), answer.get("ratchet_tree"))

    def merge(self) -> None:
        self._ask("merge")

    def drop(self) -> None:
        self._ask("drop")

    def propose_add(self, package: bytes, *, public: bool = False) -> bytes:
        return _bytes(self._ask("propose", add=package, public=public), "message")

    def propose_remove(self, leaf: int, *, public: bool = False) -> bytes:
        return _bytes(self._ask("propose", remove=leaf, public=public), "message")

    def propose_psk(self, ident: bytes, *, public: bool = False) -> bytes:
        return _bytes(self._ask("propose", psk=ident, public=public), "message")

    def group_info(self, *, bare: bool) -> bytes:
        return _bytes(self._ask("group_info", bare=bare), "message")

    def enter(self, group_info: bytes, *, resync: bool = False) -> bytes:
        return _bytes(self._ask("enter", group_info=group_info, resync=resync), "message")

    def ask(self, group_info: bytes) -> bytes:
        return _bytes(self._ask("ask", group_info=group_info), "message")

    def reinit(self, group_id: bytes) -> bytes:
        return _bytes(self._ask("reinit", group_id=group_id), "message")

    def follow(self, packages: Sequence[bytes], branch: bytes | None = None) -> Sent:
        answer = self._ask("follow", packages=list(packages), branch=branch)
        return Sent(b"", answer["welcome"], answer["ratchet_tree"])

    def join_following(self, sent: Sent, *, branch: bool) -> None:
        self._ask("join_following", welcome=sent.welcome, ratchet_tree=sent.ratchet_tree, branch=branch)

    def send(self, plaintext: bytes, authenticated_data: bytes = b"") -> bytes:
        return _bytes(
            self._ask("send", plaintext=plaintext, authenticated_data=authenticated_data), "message"
        )

    def process(self, message: bytes, psks: Psks | None = None) -> Received:
        return Received(**self._ask("process", message=message, psks=_listed(psks)))

    def view(self) -> View:
        answer = self._ask("view", label=LABEL, context=CONTEXT, length=LENGTH)
        return View(**{**answer, "members": tuple(Person(**person) for person in answer["members"])})

    def save(self) -> bytes:
        return _bytes(self._ask("save"), "state")

    def load(self, state: bytes) -> None:
        self._ask("load", state=state)


def _bytes(answer: dict[str, Any], name: str) -> bytes:
    value = answer[name]
    assert isinstance(value, bytes)
    return value


def _listed(psks: Psks | None) -> list[dict[str, bytes]] | None:
    return None if psks is None else [{"id": ident, "secret": secret} for ident, secret in psks.items()]
