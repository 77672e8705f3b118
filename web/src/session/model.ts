/** What a member's end knows of itself and of its conversations. Values only; the rules are in the files beside this one. */

import type { Random } from "../crypto/primitives.ts";
import type { Group } from "../mls/group.ts";
import type { QueueAddress, QueueOffer } from "../wire/address.ts";
import { equal, type Bytes } from "../wire/codec.ts";
import type { Profile } from "../wire/profile.ts";

export const DAY = 86_400_000;

/** One person at one end: the lasting signature key, and what they state of themself. */
export interface Identity {
  readonly seed: Bytes;
  readonly key: Bytes;
  readonly profile: Profile;
}

/** What every rule is given besides its state: who I am, the time in milliseconds, and randomness. */
export interface Context {
  readonly identity: Identity;
  readonly now: number;
  readonly random: Random;
}

export const seconds = (ctx: Context): number => Math.floor(ctx.now / 1000);

/** Where a conversation stands, as people see it. `waiting`: nobody has answered yet; `lost`: asked to be let back in. */
export type Phase = "waiting" | "open" | "returning" | "lost" | "left" | "removed";

/** The queue in which I read a conversation. `writers`: the capabilities made with it. */
export interface OwnQueue {
  readonly id: Bytes;
  readonly relay: string;
  readonly read: Bytes;
  readonly key: Bytes;
  readonly writers: readonly Bytes[];
  readonly grant: Bytes;
}

export const offerOf = (queue: OwnQueue): QueueOffer => ({
  relay: queue.relay,
  key: queue.key,
  writers: queue.writers,
});

/** The head of somebody who may have written before this end was there. */
export const UNKNOWN = -1;

/** Somebody else in a conversation. `head`: the number of their last message that came; `myWriter`: the index of my queue's
capability that they hold. */
export interface Peer {
  readonly key: Bytes;
  readonly profile: Profile;
  readonly address: QueueAddress | null;
  readonly myWriter: number | null;
  readonly head: number;
}

/** `host` commits; `number` counts my own messages to people; `succession` counts its groups. Times in milliseconds. */
export interface Conversation {
  readonly id: Bytes;
  readonly name: string;
  readonly pair: boolean;
  readonly phase: Phase;
  readonly host: Bytes;
  readonly queue: OwnQueue;
  readonly peers: readonly Peer[];
  readonly secondHost: Bytes;
  readonly recovery: Bytes;
  readonly revision: number;
  readonly number: number;
  readonly succession: number;
  readonly welcomePsk: Bytes;
  readonly renewedAt: number;
}

export const peerOf = (conversation: Conversation, key: Uint8Array): Peer | undefined =>
  conversation.peers.find((peer) => equal(peer.key, key));

export function withPeer(conversation: Conversation, changed: Peer): Conversation {
  const known = peerOf(conversation, changed.key) !== undefined;
  const peers = conversation.peers.map((peer) => (equal(peer.key, changed.key) ? changed : peer));
  return { ...conversation, peers: known ? peers : [...conversation.peers, changed] };
}

/** Read in another queue from now on: nobody holds a capability of it yet. */
export const withQueue = (conversation: Conversation, queue: OwnQueue): Conversation => ({
  ...conversation,
  queue,
  peers: conversation.peers.map((peer) => ({ ...peer, myWriter: null })),
});

/** A conversation with its MLS groups, newest first; the older ones open late mail. */
export interface Talk {
  readonly conversation: Conversation;
  readonly groups: readonly Group[];
}

const OLD_GROUPS = 4;

export const succeededBy = (talk: Talk, group: Group): Talk => ({
  ...talk,
  groups: [group, ...talk.groups.slice(0, OLD_GROUPS)],
});

export const withGroup = (talk: Talk, old: Group, changed: Group): Talk => ({
  ...talk,
  groups: talk.groups.map((group) => (group === old ? changed : group)),
});

export const withPhase = (talk: Talk, phase: Phase): Talk => ({
  ...talk,
  conversation: { ...talk.conversation, phase },
});
