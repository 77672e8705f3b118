"""The one family of refusals. Each rule of RFC 9420 that can be broken has a class of its own.

`rule` names the section that was broken; `by` the leaf whose message broke it, where that is known.
"""

from __future__ import annotations

from typing import ClassVar


class MlsError(Exception):
    """Everything that this room raises. Messages never quote keys, secrets or contents."""

    rule: ClassVar[str] = "RFC 9420"
    text: ClassVar[str] = "refused"

    def __init__(self, detail: str = "", *, by: int | None = None) -> None:
        self.by = by
        author = "" if by is None else f", by leaf {by}"
        more = f": {detail}" if detail else ""
        super().__init__(f"{self.text}{more} ({self.rule}{author})")


class DecodeError(MlsError):
    rule, text = "RFC 9420 2", "not a value of this format"


class CryptoError(MlsError):
    rule, text = "RFC 9420 5.1", "a cryptographic operation failed"


class DecryptionFailed(CryptoError):
    rule, text = "RFC 9420 5.1.3", "a ciphertext does not open"


class InvalidPublicKey(CryptoError):
    rule, text = "RFC 9180 7.1.4", "a public key is not usable"


class InvalidSignature(CryptoError):
    rule, text = "RFC 9420 5.1.2", "a signature does not verify"


class UnsupportedSuite(MlsError):
    rule, text = "RFC 9420 17.1", "a cipher suite that is not supported"


class UnsupportedVersion(MlsError):
    rule, text = "RFC 9420 6", "a protocol version that is not mls10"


# --- Leaves and key packages -----------------------------------------------------------------------------------------


class LeafSourceWrong(MlsError):
    rule, text = "RFC 9420 7.3", "a leaf node of the wrong source"


class LeafExpired(MlsError):
    rule, text = "RFC 9420 7.3", "a leaf node outside its lifetime"


class LeafUnsupported(MlsError):
    rule, text = "RFC 9420 7.3", "a leaf node lacks a capability that it or the group needs"


class LifetimeTooLong(MlsError):
    rule, text = "RFC 9420 7.2", "a leaf node that lives longer than the policy allows"


class DuplicateSignatureKey(MlsError):
    rule, text = "RFC 9420 7.3", "two leaves with the same signature key"


class DuplicateEncryptionKey(MlsError):
    rule, text = "RFC 9420 7.3", "two nodes with the same encryption key"


class EncryptionKeyNotFresh(MlsError):
    rule, text = "RFC 9420 7.3", "a new leaf keeps its old encryption key"


class InitKeyReused(MlsError):
    rule, text = "RFC 9420 10.1", "a key package's init key is its leaf's encryption key"


class KeyPackageForeign(MlsError):
    rule, text = "RFC 9420 10.1", "a key package of another version or suite"


# --- Trees -----------------------------------------------------------------------------------------------------------


class TreeMalformed(MlsError):
    rule, text = "RFC 9420 12.4.3.3", "a malformed ratchet tree"


class TreeHashMismatch(MlsError):
    rule, text = "RFC 9420 7.8", "the tree hash does not fit"


class ParentHashMismatch(MlsError):
    rule, text = "RFC 9420 7.9", "a parent hash does not fit"


class UnmergedLeavesInvalid(MlsError):
    rule, text = "RFC 9420 12.4.3.1", "a parent's unmerged leaves are invalid"


class UpdatePathInvalid(MlsError):
    rule, text = "RFC 9420 7.5", "an update path that does not fit the tree"


class NoSuchLeaf(MlsError):
    rule, text = "RFC 9420 12.1", "a leaf that is blank or outside the tree"


# --- Framing ---------------------------------------------------------------------------------------------------------


class UnknownGroup(MlsError):
    rule, text = "RFC 9420 6", "a message of another group"


class WrongEpoch(MlsError):
    rule, text = "RFC 9420 6", "a handshake message of another epoch"


class FutureEpoch(WrongEpoch):
    text = "a message of a later epoch"


class PastEpochForgotten(WrongEpoch):
    text = "a message of an epoch whose keys are gone"


class WrongSender(MlsError):
    rule, text = "RFC 9420 6.1", "a sender that may not send this"


class OwnMessage(MlsError):
    rule, text = "RFC 9420 6", "one's own message came back"


class ApplicationInPublic(MlsError):
    rule, text = "RFC 9420 6.2", "application data in a public message"


class MembershipTagMismatch(MlsError):
    rule, text = "RFC 9420 6.2", "the membership tag does not fit"


class ConfirmationTagMismatch(MlsError):
    rule, text = "RFC 9420 8.1", "the confirmation tag does not fit"


class PaddingNotZero(MlsError):
    rule, text = "RFC 9420 6.3.1", "padding that is not zero"


class GenerationUsed(MlsError):
    rule, text = "RFC 9420 9.1", "a generation whose key was used, or was dropped from the window"


class GenerationTooFar(MlsError):
    rule, text = "RFC 9420 9.1", "a generation too far ahead"


class RatchetSpent(MlsError):
    rule, text = "RFC 9420 9.1", "no generation is left in this epoch"


# --- Proposals and commits -------------------------------------------------------------------------------------------


class ProposalUnknown(MlsError):
    rule, text = "RFC 9420 12.4", "a commit refers to a proposal that is not here"


class ProposalOfCommitter(MlsError):
    rule, text = "RFC 9420 12.2", "a commit covers an update of its own author"


class RemovesCommitter(MlsError):
    rule, text = "RFC 9420 12.2", "a commit removes its own author"


class ProposalsConflict(MlsError):
    rule, text = "RFC 9420 12.2", "several updates or removals of one leaf"


class AddsMember(MlsError):
    rule, text = "RFC 9420 12.2", "an addition of somebody who is a member already"


class PskRepeated(MlsError):
    rule, text = "RFC 9420 12.2", "a pre-shared key is named twice"


class PskMalformed(MlsError):
    rule, text = "RFC 9420 8.4", "a pre-shared key's nonce or usage is wrong"


class PskUnknown(MlsError):
    rule, text = "RFC 9420 8.4", "a pre-shared key that is not here"


class ExtensionsRepeated(MlsError):
    rule, text = "RFC 9420 12.2", "several group context extension proposals"


class ExtensionUnsupported(MlsError):
    rule, text = "RFC 9420 12.1.7", "an extension that not every member supports"


class ProposalUnsupported(DecodeError):
    rule, text = "RFC 9420 13.2", "a proposal of a type that is not supported here"


class ReinitNotAlone(MlsError):
    rule, text = "RFC 9420 12.2", "a reinit together with other proposals"


class ReinitDowngrade(MlsError):
    rule, text = "RFC 9420 12.1.5", "a reinit to an older version"


class GroupReinitialized(MlsError):
    rule, text = "RFC 9420 12.4.2", "the group was ended by a reinit: it sends and changes no more"


class NotReinitialized(MlsError):
    rule, text = "RFC 9420 11.2", "no reinit was committed"


class PathRequired(MlsError):
    rule, text = "RFC 9420 12.4", "a commit that needs a path has none"


class CommitPending(MlsError):
    rule, text = "RFC 9420 6.1", "application data while proposals wait to be committed"


class NotAllowedByPolicy(MlsError):
    rule, text = "policy", "this group's policy does not allow it"


class GroupFull(MlsError):
    rule, text = "policy", "the group has as many members as its policy allows"


# --- From outside the group ------------------------------------------------------------------------------------------


class ExternalSenderUnknown(MlsError):
    rule, text = "RFC 9420 12.1.8.1", "an external sender that the group does not name"


class ExternalProposalForbidden(MlsError):
    rule, text = "RFC 9420 12.1.8", "a proposal of a kind that nobody outside may make"


class ExternalInitMisplaced(MlsError):
    rule, text = "RFC 9420 12.2", "an external init outside an external commit, or not exactly one in it"


class ExternalCommitInvalid(MlsError):
    rule, text = "RFC 9420 12.2", "an external commit with more than an external init, one removal and keys"


class ExternalCommitByReference(MlsError):
    rule, text = "RFC 9420 12.4.3.2", "an external commit that refers to proposals"


class ResyncMismatch(MlsError):
    rule, text = "RFC 9420 12.2", "an external commit that removes somebody else than its author"


class ExternalPubMissing(MlsError):
    rule, text = "RFC 9420 12.4.3.2", "a group info without an external public key"


# --- Joining ---------------------------------------------------------------------------------------------------------


class WelcomeNotForUs(MlsError):
    rule, text = "RFC 9420 12.4.3.1", "a Welcome for other key packages"


class TreeMissing(MlsError):
    rule, text = "RFC 9420 12.4.3.1", "a Welcome without a ratchet tree"


class NotInTree(MlsError):
    rule, text = "RFC 9420 12.4.3.1", "our own leaf is not in the tree"


class SignerMismatch(MlsError):
    rule, text = "RFC 9420 6.1", "a signing key that is not the leaf's"


class GroupInfoMismatch(MlsError):
    rule, text = "RFC 9420 12.4.3.1", "a group info that does not fit its key package"


class GroupIdTaken(MlsError):
    rule, text = "RFC 9420 12.4.3", "a group with the id of another that one is in"


class ReinitMismatch(MlsError):
    rule, text = "RFC 9420 11.2", "a group that is not the one which a reinit announced"


class BranchMismatch(MlsError):
    rule, text = "RFC 9420 11.3", "a group that is no branch of the one it names"


class PathSecretMismatch(MlsError):
    rule, text = "RFC 9420 12.4.3.1", "a path secret that does not fit the tree's public keys"


class StateInvalid(MlsError):
    rule, text = "state", "stored bytes that are no state of this version"
