"""Taking the host's roster: who is here, where to write to each, who holds which of my capabilities (S12)."""

from __future__ import annotations

from dataclasses import replace

from colloque.protocol.session.effects import (
    DropWriters,
    Effect,
    GiveUp,
    Happening,
    Notice,
    SendAgain,
)
from colloque.protocol.session.leave import taken_out
from colloque.protocol.session.model import UNKNOWN, Context, Peer, Talk
from colloque.wire.codec import WireError
from colloque.wire.content.roster import Roster


def take_roster(ctx: Context, talk: Talk, author: bytes, roster: Roster) -> tuple[Talk, tuple[Effect, ...]]:
    """Only from the host, only newer than the last; raises `WireError` otherwise. An older one changes nothing."""
    before = talk.conversation
    if author != before.host or roster.host != before.host:
        raise WireError("a roster from somebody who is not the host")
    if roster.revision <= before.revision and before.revision:
        return talk, ()
    if any(entry.signature_key == ctx.identity.key for entry in roster.entries):
        raise WireError("a roster that names its own reader")
    if not roster.entries and not before.pair:
        # Every member's names its host at least: this one's reader is not to come into the group that is made now.
        return taken_out(replace(talk, conversation=replace(before, revision=roster.revision)))
    if before.pair and [entry.signature_key for entry in roster.entries] != [before.host]:
        raise WireError("a roster that lets somebody else into a conversation of two")
    peers = []
    for entry in roster.entries:
        known = before.peer(entry.signature_key)
        head = known.head if known else 0 if before.pair else UNKNOWN
        peers.append(Peer(entry.signature_key, entry.profile, entry.address, entry.my_writer, head))
    held = {peer.my_writer for peer in peers}
    dropped = tuple(
        peer.my_writer for peer in before.peers if peer.my_writer is not None and peer.my_writer not in held
    )
    new = [p.key for p in peers if before.revision and before.peer(p.key) is None]
    after = replace(
        before,
        name=before.name if before.pair else roster.name,
        second_host=roster.second_host,
        recovery=roster.recovery,
        revision=roster.revision,
        peers=tuple(peers),
    )
    gone = [p.key for p in before.peers if after.peer(p.key) is None]
    # What was refused at an address that is not theirs any more may be taken at the next.
    moved = [p.key for p in peers if _moved(before.peer(p.key), p)]
    effects: tuple[Effect, ...] = tuple(GiveUp(key) for key in gone)
    effects += tuple(SendAgain(key) for key in moved)
    effects += tuple(effect for key in new for effect in (SendAgain(key), Notice(Happening.JOINED, key)))
    if dropped:
        effects = (DropWriters(after.queue, dropped), *effects)
    return replace(talk, conversation=after), effects


def _moved(before: Peer | None, now: Peer) -> bool:
    return before is not None and before.address is not None and before.address != now.address
