"""The door to this room: everything that an application needs of MLS, by few names."""

from __future__ import annotations

from colloque.mls.crypto.suite import SUPPORTED, XWING, Suite, suite
from colloque.mls.errors import MlsError
from colloque.mls.framing.message import Peek, peek
from colloque.mls.group.create import SignatureKey, new_key_package
from colloque.mls.group.events import Application, Committed, Event, Proposed, Sending, Staged
from colloque.mls.group.group import Group
from colloque.mls.group.outside import Outsider, propose_outside
from colloque.mls.group.policy import Policy
from colloque.mls.group.state import Member, Random
from colloque.mls.messages.extension import Extension, RequiredCapabilities
from colloque.mls.messages.external import ExternalSender, external_senders
from colloque.mls.messages.key_package import KeyPackage, KeyPackageSecrets
from colloque.mls.messages.leaf_node import BasicCredential, Capabilities, Lifetime, x509
from colloque.mls.messages.proposal import Add, ReInit, Remove
from colloque.mls.messages.psk import Psk

__all__ = [
    "SUPPORTED",
    "XWING",
    "Add",
    "Application",
    "BasicCredential",
    "Capabilities",
    "Committed",
    "Event",
    "Extension",
    "ExternalSender",
    "Group",
    "KeyPackage",
    "KeyPackageSecrets",
    "Lifetime",
    "Member",
    "MlsError",
    "Outsider",
    "Peek",
    "Policy",
    "Proposed",
    "Psk",
    "Random",
    "ReInit",
    "Remove",
    "RequiredCapabilities",
    "Sending",
    "SignatureKey",
    "Staged",
    "Suite",
    "external_senders",
    "new_key_package",
    "peek",
    "propose_outside",
    "suite",
    "x509",
]
