"""The door to this room: everything that an application needs of MLS, by few names."""

from __future__ import annotations

from colloque.mls.crypto.suite import SUPPORTED, XWING, Suite, suite
from colloque.mls.errors import MlsError
from colloque.mls.framing.message import Peek, peek
from colloque.mls.group.create import SignatureKey, new_key_package
from colloque.mls.group.group import Application, Committed, Event, Group, Proposed, Staged
from colloque.mls.group.policy import Policy
from colloque.mls.group.state import Member, Random
from colloque.mls.messages.extension import Extension
from colloque.mls.messages.key_package import KeyPackage, KeyPackageSecrets
from colloque.mls.messages.leaf_node import BasicCredential, Capabilities, Lifetime
from colloque.mls.messages.psk import Psk

__all__ = [
    "SUPPORTED",
    "XWING",
    "Application",
    "BasicCredential",
    "Capabilities",
    "Committed",
    "Event",
    "Extension",
    "Group",
    "KeyPackage",
    "KeyPackageSecrets",
    "Lifetime",
    "Member",
    "MlsError",
    "Peek",
    "Policy",
    "Proposed",
    "Psk",
    "Random",
    "SignatureKey",
    "Staged",
    "Suite",
    "new_key_package",
    "peek",
    "suite",
]
