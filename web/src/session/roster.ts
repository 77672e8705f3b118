/** Taking the host's roster: who is here, where to write to each, who holds which of my capabilities (S12 to S14). */

import { WireError, equal } from "../wire/codec.ts";
import type { QueueAddress } from "../wire/address.ts";
import type { Bytes } from "../wire/codec.ts";
import type { Roster } from "../wire/content/roster.ts";
import { notice, type Effect, type Step } from "./effects.ts";
import { UNKNOWN, peerOf, type Context, type Conversation, type Peer, type Talk } from "./model.ts";

/** Only from the host, only newer than the last; throws `WireError` otherwise. An older one changes nothing. */
export function takeRoster(ctx: Context, talk: Talk, author: Bytes, roster: Roster): Step {
  const before = talk.conversation;
  if (!equal(author, before.host) || !equal(roster.host, before.host)) {
    throw new WireError("a roster from somebody who is not the host");
  }
  if (roster.revision <= before.revision && before.revision > 0) return [talk, []];
  if (roster.entries.some((entry) => equal(entry.signatureKey, ctx.identity.key))) {
    throw new WireError("a roster that names its own reader");
  }
  if (roster.entries.length === 0 && !before.pair) {
    // Every member's names its host at least: this one's reader is not to come into the group that is made now.
    const after: Conversation = { ...before, phase: "removed", revision: roster.revision };
    return [{ ...talk, conversation: after }, [notice("removed", before.host), { is: "drop-queue", queue: before.queue }]];
  }
  const only = roster.entries.length === 1 ? roster.entries[0] : undefined;
  if (before.pair && (only === undefined || !equal(only.signatureKey, before.host))) {
    throw new WireError("a roster that lets somebody else into a conversation of two");
  }
  const peers = roster.entries.map((entry): Peer => {
    const head = peerOf(before, entry.signatureKey)?.head ?? (before.pair ? 0 : UNKNOWN);
    const { signatureKey: key, profile, address, myWriter } = entry;
    return { key, profile, address, myWriter, head };
  });
  const after: Conversation = {
    ...before,
    name: before.pair ? before.name : roster.name,
    secondHost: roster.secondHost,
    recovery: roster.recovery,
    revision: roster.revision,
    peers,
  };
  return [{ ...talk, conversation: after }, changes(before, after)];
}

function changes(before: Conversation, after: Conversation): Effect[] {
  const effects: Effect[] = [];
  const held = new Set(after.peers.map((peer) => peer.myWriter));
  const dropped = before.peers.flatMap(({ myWriter }) => (myWriter !== null && !held.has(myWriter) ? [myWriter] : []));
  if (dropped.length > 0) effects.push({ is: "drop-writers", queue: after.queue, indexes: dropped });
  for (const peer of before.peers) {
    if (peerOf(after, peer.key) === undefined) effects.push({ is: "give-up", to: peer.key });
  }
  for (const peer of after.peers) {
    const known = peerOf(before, peer.key);
    // What was refused at an address that is not theirs any more may be taken at the next.
    if (known !== undefined && isMoved(known.address, peer.address)) effects.push({ is: "send-again", to: peer.key });
    if (known === undefined && before.revision > 0) {
      effects.push({ is: "send-again", to: peer.key }, notice("joined", peer.key));
    }
  }
  return effects;
}

const isMoved = (before: QueueAddress | null, now: QueueAddress | null): boolean =>
  before !== null &&
  now !== null &&
  !(before.relay === now.relay && equal(before.write, now.write) && equal(before.key, now.key));
