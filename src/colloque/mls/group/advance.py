"""The step into the next epoch, the same for its committer, its members and its newcomers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from colloque.mls.crypto.suite import Suite
from colloque.mls.framing.content import AuthenticatedContent
from colloque.mls.group.policy import Policy
from colloque.mls.group.state import PastEpoch, PastSecrets, State
from colloque.mls.messages.extension import Extensions
from colloque.mls.messages.proposal import ReInit
from colloque.mls.messages.psk import PskId, psk_secret
from colloque.mls.messages.welcome import GroupContext
from colloque.mls.schedule import transcript
from colloque.mls.schedule.key_schedule import NewEpoch, next_epoch
from colloque.mls.schedule.secret_tree import SecretTree
from colloque.mls.tree.ratchet_tree import RatchetTree
from colloque.mls.tree.treekem import PrivateTree


def provisional(context: GroupContext, tree: RatchetTree, extensions: Extensions) -> GroupContext:
    """The context that path secrets are bound to: the new epoch and tree, the transcript not yet confirmed."""
    return replace(context, epoch=context.epoch + 1, tree_hash=tree.tree_hash(), extensions=extensions)


@dataclass(frozen=True, slots=True)
class Before:
    """What the new epoch grows out of: the hash of the transcript so far, and the secret that carries on."""

    suite: Suite
    interim_hash: bytes
    init: bytes

    def __repr__(self) -> str:
        return "Before()"


@dataclass(frozen=True, slots=True)
class Advanced:
    context: GroupContext
    epoch: NewEpoch
    tag: bytes


def advance(
    before: Before,
    context: GroupContext,
    message: AuthenticatedContent,
    commit_secret: bytes,
    psks: Sequence[tuple[PskId, bytes]],
) -> Advanced:
    """The new epoch's context and secrets, and the confirmation tag that it wants. `context`: the provisional one."""
    suite = before.suite
    confirmed = transcript.confirmed(suite, before.interim_hash, message)
    after = replace(context, confirmed_transcript_hash=confirmed)
    epoch = next_epoch(suite, before.init, commit_secret, psk_secret(suite, psks), after.encode())
    return Advanced(after, epoch, suite.mac(epoch.secrets.confirmation_key, confirmed))


def begun(
    context: GroupContext,
    tag: bytes,
    epoch: NewEpoch,
    tree: RatchetTree,
    private: PrivateTree,
    signer: bytes,
    policy: Policy,
) -> State:
    """A member's state at the start of an epoch, without a past."""
    suite = tree.suite
    return State(
        suite,
        context,
        transcript.interim(suite, context.confirmed_transcript_hash, tag),
        tree,
        private,
        epoch.secrets,
        SecretTree.from_encryption_secret(tree.width, epoch.encryption),
        signer,
        policy,
    )


def entered(
    state: State, advanced: Advanced, tree: RatchetTree, private: PrivateTree, reinit: ReInit | None
) -> State:
    """The state in the new epoch; the one before becomes past, and the oldest past is forgotten."""
    past = PastSecrets(
        state.context.encode(),
        state.secrets.sender_data,
        state.secrets.resumption_psk,
        state.secret_tree,
        state.tree.people(),
    )
    keep = state.policy.past_epochs
    history = (*state.past, PastEpoch(state.context.epoch, past.encode()))
    new = begun(advanced.context, advanced.tag, advanced.epoch, tree, private, state.signer, state.policy)
    return replace(new, past=history[-keep:] if keep else (), reinit=reinit)
