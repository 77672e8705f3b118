/** Joining: by the Welcome that answers a hello, an offer, a renewal or a return (S6, S13, S15, S33). */

import { Group, type Psk } from "../mls/group.ts";
import { WireError, equal, type Bytes } from "../wire/codec.ts";
import { WishKind, type Ask, type Offer } from "../wire/content/wishes.ts";
import { notice, type Effect, type Step } from "./effects.ts";
import { helloPsk, keptPackage, lentQueue, returnPsk } from "./keys.ts";
import { offerOf, peerOf, succeededBy, withQueue, type Context, type Conversation, type Talk } from "./model.ts";

const LATER_SUCCESSIONS = 16;

export interface OwnPackage {
  readonly ref: Bytes;
  readonly package: Bytes;
  readonly secrets: Bytes;
}

/** Into the group that the host's Welcome leads to; throws `WireError` where it is not the host's, or not for this. */
export async function join(ctx: Context, talk: Talk, welcome: Bytes, own: OwnPackage): Promise<Step> {
  const before = talk.conversation;
  if (before.phase === "left" || before.phase === "removed") throw new WireError("a Welcome into a conversation that is over");
  const psks: Psk[] = Array.from({ length: LATER_SUCCESSIONS }, (_, later) => ({
    id: returnPsk(before.id, before.succession + later),
    secret: before.recovery,
  })).filter((psk) => psk.secret.length > 0);
  if (before.welcomePsk.length > 0) psks.push({ id: helloPsk(before.id), secret: before.welcomePsk });
  const group = await Group.join(welcome, own, ctx.identity.seed, before.host, psks);
  if (!group.members.some((key) => equal(key, before.host))) throw new WireError("a Welcome into a group without its host");
  if (before.pair && group.members.length > 2) {
    throw new WireError("a Welcome into a conversation of two, in which there is somebody else");
  }
  const newest = talk.groups[0];
  const again = before.phase === "lost";
  const effects: Effect[] = [{ is: "forget-package", ref: own.ref }];
  if (again) effects.push(notice("returned", before.host));
  else if (newest === undefined) effects.push(notice("opened", before.host));
  if (again || (newest !== undefined && !equal(newest.id, group.id))) {
    effects.push(...before.peers.map((peer): Effect => ({ is: "send-again", to: peer.key })));
  }
  effects.push({ is: "try-again", quiet: again });
  const conversation: Conversation = { ...before, phase: "open", welcomePsk: new Uint8Array(0), renewedAt: ctx.now };
  return [succeededBy({ ...talk, conversation }, group), effects];
}

/** Answers an `Ask` with a fresh key package and a queue. `known`: this end's state of that conversation, if it has one;
then only its host or second host may ask, and only into a later group; of who has gone, anybody who was there then. */
export async function offer(ctx: Context, ask: Ask, asker: Bytes, known: Talk | undefined): Promise<readonly [...Step, Offer]> {
  const queue = lentQueue(ctx, ask.relay, ask.grant);
  const [keyPackage, keep] = await keptPackage(ctx);
  const answer: Offer = {
    is: "offer",
    conversation: ask.conversation,
    succession: ask.succession,
    queue: offerOf(queue),
    keyPackage,
  };
  const made: Effect = { is: "make-queue", queue };
  if (known === undefined) return [{ conversation: asked(ask, asker, withoutPeers(queue)), groups: [] }, [made, keep], answer];
  const before = known.conversation;
  if (isAskedAlready(before, ask, asker)) {
    // The first answer, or the grant that it needs, may have been lost.
    const again = { ...known, conversation: withQueue(before, queue) };
    return [again, [made, keep, { is: "drop-queue", queue: before.queue }], answer];
  }
  if (before.pair) throw new WireError("an ask into a conversation of two");
  const later = ask.succession > before.succession;
  const isHost = equal(asker, before.host);
  const out = before.phase === "left" || before.phase === "removed";
  // Hosts may have changed since this end went.
  const again = out && (isHost || (later && peerOf(before, asker) !== undefined));
  if (!again && (out || !later || !(isHost || equal(asker, before.secondHost)))) {
    throw new WireError("somebody who is not its host asks into a conversation");
  }
  let changed = withQueue({ ...before, host: asker, secondHost: new Uint8Array(0), succession: ask.succession }, queue);
  if (again) {
    // Their capabilities died when this end left; nothing is written before the new roster.
    const peers = changed.peers.map((peer) => ({ ...peer, address: null }));
    changed = { ...changed, phase: "waiting", peers, revision: 0 };
  }
  const told = isHost ? [] : [notice("host-changed", asker)];
  return [{ ...known, conversation: changed }, [made, keep, ...told], answer];
}

const withoutPeers = (queue: Conversation["queue"]): Pick<Conversation, "queue" | "peers"> => ({ queue, peers: [] });

const asked = (ask: Ask, asker: Bytes, fresh: Pick<Conversation, "queue" | "peers">): Conversation => ({
  ...fresh,
  id: ask.conversation,
  name: ask.name,
  pair: false,
  phase: "waiting",
  host: asker,
  secondHost: new Uint8Array(0),
  recovery: new Uint8Array(0),
  revision: 0,
  number: 0,
  succession: ask.succession,
  welcomePsk: new Uint8Array(0),
  renewedAt: 0,
});

/** By the same host, into the same group, and not let in yet. */
const isAskedAlready = (before: Conversation, ask: Ask, asker: Bytes): boolean =>
  !before.pair && before.phase === "waiting" && equal(before.host, asker) && before.succession === ask.succession;

/** Fresh keys, to be put in place by the host (S26). */
export async function wishRenewal(ctx: Context, talk: Talk): Promise<Step> {
  const [keyPackage, keep] = await keptPackage(ctx);
  const { conversation } = talk;
  const body = { is: "wish", wish: WishKind.renew, keyPackage } as const;
  return [
    { ...talk, conversation: { ...conversation, renewedAt: ctx.now } },
    [keep, { is: "write", body, to: conversation.host }],
  ];
}
