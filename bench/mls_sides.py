"""The two sides of `bench/mls.py`: our library in this process, ts-mls in a Node process, with the same few steps.

Every step gives the processor time that it took, in microseconds, over all threads of its process.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

from colloque.mls.api import (
    Application,
    Committed,
    Group,
    KeyPackage,
    Lifetime,
    Policy,
    SignatureKey,
    new_key_package,
    suite,
)
from colloque.mls.framing.message import MlsMessage

T = TypeVar("T")
NOW = int(time.time())
LIFETIME = Lifetime(0, 1 << 40)
POLICY = Policy(past_epochs=4, skipped_generations=10, max_forward=200, max_lifetime=1 << 41)
FOLDER = Path(__file__).resolve().parent
INTEROP = FOLDER.parent / "tests" / "interop"


def why_absent() -> str | None:
    """Why ts-mls cannot run here, or None."""
    if shutil.which("node") is None:
        return "there is no `node` here"
    if not (INTEROP / "node_modules" / "ts-mls").is_dir():
        return f"ts-mls is not installed; `npm ci` in {INTEROP}, as `make test` does"
    return None


def timed(step: Callable[[], T]) -> tuple[T, float]:
    began = time.process_time_ns()
    value = step()
    return value, (time.process_time_ns() - began) / 1_000


class Side(Protocol):
    package: bytes

    def pair(self) -> float: ...
    def join(self, welcome: bytes) -> float: ...
    def commit(self) -> tuple[bytes, float]: ...
    def process(self, message: bytes) -> tuple[bytes, float]: ...
    def protect(self, plaintext: bytes, count: int) -> tuple[list[bytes], float]: ...
    def unprotect(self, messages: Sequence[bytes]) -> tuple[list[bytes], float]: ...
    def save(self) -> tuple[int, float]: ...
    def load(self) -> float: ...


class Ours:
    def __init__(self, number: int, name: str) -> None:
        self._kind, self._name = suite(number), name.encode()
        self._signer = SignatureKey.generate(self._kind)
        made = new_key_package(self._kind, self._signer, self._name, LIFETIME, os.urandom)
        self._package, self._secrets = made
        self.package = MlsMessage(self._package).encode()
        self.group: Group
        self._saved = b""

    def _join(self, welcome: bytes) -> Group:
        return Group.join(welcome, self._package, self._secrets, self._signer, NOW, policy=POLICY)

    def pair(self) -> float:
        founder = SignatureKey.generate(self._kind)
        added = KeyPackage.decode(self._package.encode())

        def step() -> None:
            group = Group.create(
                self._kind, os.urandom(16), founder, b"founder", os.urandom, NOW, policy=POLICY
            )
            welcome = group.commit(os.urandom, NOW, add=[added]).welcome
            assert welcome is not None
            self._join(welcome)

        return timed(step)[1]

    def found(self, package: bytes) -> bytes:
        """A group with the other; the Welcome."""
        body = MlsMessage.decode(package).body
        assert isinstance(body, KeyPackage)
        group = Group.create(
            self._kind, os.urandom(16), self._signer, self._name, os.urandom, NOW, policy=POLICY
        )
        staged = group.commit(os.urandom, NOW, add=[body])
        assert staged.welcome is not None
        self.group = staged.group
        return staged.welcome

    def join(self, welcome: bytes) -> float:
        self.group, took = timed(lambda: self._join(welcome))
        return took

    def commit(self) -> tuple[bytes, float]:
        staged, took = timed(lambda: self.group.commit(os.urandom, NOW))
        self.group = staged.group
        return staged.message, took

    def process(self, message: bytes) -> tuple[bytes, float]:
        event, took = timed(lambda: self.group.process(message, NOW))
        assert isinstance(event, Committed)
        self.group = event.group
        return self.group.epoch_authenticator, took

    def protect(self, plaintext: bytes, count: int) -> tuple[list[bytes], float]:
        def step() -> list[bytes]:
            sent = []
            for _ in range(count):
                self.group, data = self.group.protect(plaintext, os.urandom)
                sent.append(data)
            return sent

        return timed(step)

    def unprotect(self, messages: Sequence[bytes]) -> tuple[list[bytes], float]:
        def step() -> list[bytes]:
            opened = []
            for message in messages:
                event = self.group.process(message, NOW)
                assert isinstance(event, Application)
                self.group = event.group
                opened.append(event.plaintext)
            return opened

        return timed(step)

    def save(self) -> tuple[int, float]:
        self._saved, took = timed(self.group.to_bytes)
        return len(self._saved), took

    def load(self) -> float:
        self.group, took = timed(lambda: Group.from_bytes(self._saved))
        return took


def _plain(value: object) -> Any:
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    raise TypeError(type(value).__name__)


def _rich(value: dict[str, Any]) -> Any:
    return base64.b64decode(value["bytes"]) if isinstance(value.get("bytes"), str) else value


class Node:
    """The process with all members of ts-mls."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["node", "--no-warnings", "--max-old-space-size=4096", str(FOLDER / "mls_node.mjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in: IO[str] = self._process.stdin
        self._out: IO[str] = self._process.stdout

    def ask(self, action: str, name: str, **order: object) -> dict[str, Any]:
        self._in.write(json.dumps({"do": action, "name": name, **order}, default=_plain) + "\n")
        self._in.flush()
        line = self._out.readline()
        if not line:
            raise RuntimeError(f"Node ended at {action} with code {self._process.wait(10)}")
        answer: dict[str, Any] = json.loads(line, object_hook=_rich)
        if "error" in answer:
            raise RuntimeError(f"ts-mls could not {action}: {answer['error']}")
        return answer

    def close(self) -> None:
        self._in.close()
        self._process.wait(30)
        self._out.close()


class Theirs:
    def __init__(self, node: Node, number: int, name: str) -> None:
        self._node, self._name = node, name
        windows = {
            "past_epochs": POLICY.past_epochs,
            "skipped_generations": POLICY.skipped_generations,
            "max_forward": POLICY.max_forward,
        }
        made = node.ask("new", name, suite=number, identity=name.encode(), windows=windows)
        self.package: bytes = made["package"]

    def _ask(self, action: str, **order: object) -> tuple[dict[str, Any], float]:
        found = self._node.ask(action, self._name, **order)
        return found, float(found["cpu_us"])

    def pair(self) -> float:
        return self._ask("pair")[1]

    def join(self, welcome: bytes) -> float:
        return self._ask("join", data=welcome)[1]

    def commit(self) -> tuple[bytes, float]:
        found, took = self._ask("commit")
        return found["data"], took

    def process(self, message: bytes) -> tuple[bytes, float]:
        found, took = self._ask("process", data=message)
        return found["authenticator"], took

    def protect(self, plaintext: bytes, count: int) -> tuple[list[bytes], float]:
        found, took = self._ask("protect", plaintext=plaintext, count=count)
        return found["messages"], took

    def unprotect(self, messages: Sequence[bytes]) -> tuple[list[bytes], float]:
        found, took = self._ask("unprotect", messages=list(messages))
        return found["plaintexts"], took

    def save(self) -> tuple[int, float]:
        found, took = self._ask("save")
        return found["bytes"], took

    def load(self) -> float:
        return self._ask("load")[1]
