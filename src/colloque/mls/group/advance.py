"""The step into the next epoch, the same for its committer, its members and its newcomers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from colloque.mls.framing.content import AuthenticatedContent
from colloque.mls.group.state import PastEpoch, PastSecrets, State
from colloque.mls.messages.extension import Extensions
from colloque.mls.messages.welcome import GroupContext
from colloque.mls.schedule import transcript
from colloque.mls.schedule.key_schedule import NewEpoch, next_epoch
from colloque.mls.schedule.secret_tree import SecretTree
from colloque.mls.tree.ratchet_tree import RatchetTree
from colloque.mls.tree.treekem import PrivateTree


def provisional(state: State, tree: RatchetTree, extensions: Extensions) -> GroupContext:
    """The context that path secrets are bound to: the new epoch and tree, the transcript not yet confirmed."""
    return replace(
        state.context, epoch=state.context.epoch + 1, tree_hash=tree.tree_hash(), extensions=extensions
    )


@dataclass(frozen=True, slots=True)
class Advanced:
    context: GroupContext
    epoch: NewEpoch
    tag: bytes


def advance(
    state: State,
    context: GroupContext,
    message: AuthenticatedContent,
    commit_secret: bytes,
    psk: bytes,
    init: bytes | None = None,
) -> Advanced:
    """The new epoch's context and secrets, and the confirmation tag that it wants. `context`: the provisional one."""
    suite = state.suite
    confirmed = transcript.confirmed(suite, state.interim_hash, message)
    after = replace(context, confirmed_transcript_hash=confirmed)
    secret = init if init is not None else state.secrets.init
    epoch = next_epoch(suite, secret, commit_secret, psk, after.encode())
    return Advanced(after, epoch, suite.mac(epoch.secrets.confirmation_key, confirmed))


def entered(state: State, advanced: Advanced, tree: RatchetTree, private: PrivateTree) -> State:
    """The state in the new epoch; the one before becomes past, and the oldest past is forgotten."""
    suite = state.suite
    past = PastSecrets(
        state.context.encode(),
        state.secrets.sender_data,
        state.secrets.resumption_psk,
        state.secret_tree,
        tuple(replace(m, encryption_key=b"") for m in state.members()),
    )
    keep = state.policy.past_epochs
    history = (*state.past, PastEpoch(state.context.epoch, past.encode()))
    return State(
        suite,
        advanced.context,
        transcript.interim(suite, advanced.context.confirmed_transcript_hash, advanced.tag),
        tree,
        private,
        advanced.epoch.secrets,
        SecretTree.from_encryption_secret(tree.width, advanced.epoch.encryption),
        state.signer,
        state.policy,
        past=history[-keep:] if keep else (),
    )
