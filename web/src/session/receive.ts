/** What an MLS message that arrived does to a conversation (S18 to S24). Nobody hosts here: a host's cases are refused. */

import { peek, type Event, type Group } from "../mls/group.ts";
import { WireError, equal, type Bytes } from "../wire/codec.ts";
import { isSignal } from "../wire/content/call/signal.ts";
import { decodeContent, type Content } from "../wire/content/content.ts";
import { WishKind } from "../wire/content/wishes.ts";
import { notice, type Effect, type Step } from "./effects.ts";
import { UNKNOWN, peerOf, seconds, withGroup, withPeer, withPhase, type Context, type Peer, type Talk } from "./model.ts";
import { takeRoster } from "./roster.ts";
import { isNumbered } from "./write.ts";

const FUTURE_EPOCHS = 1_000n;

/** A message that cannot be read, now or later: it is set aside, confirmed and reported, and never retried. */
export class Unreadable extends WireError {
  override readonly name = "Unreadable";
}

/** One MLS message but a Welcome (see `join`). Throws `WireError` where it can never be read. */
export async function receive(ctx: Context, talk: Talk, payload: Bytes): Promise<Step> {
  const header = peek(payload);
  if (header.is !== "private") throw new Unreadable("an MLS message of another kind");
  const group = groupFor(talk, header.groupId, header.epoch);
  if (group === undefined) return [talk, [forLater(talk, payload, header.groupId, header.epoch)]];
  const [after, event] = await group.process(payload, seconds(ctx));
  const next = withGroup(talk, group, after);
  return event.is === "application" ? content(ctx, next, event) : committed(talk, next, group, after, event);
}

/** The oldest of the states that may open this epoch: a renewed member's old state ends where its new one begins. */
function groupFor(talk: Talk, groupId: Bytes, epoch: bigint): Group | undefined {
  const fitting = talk.groups.filter((group) => equal(group.id, groupId) && group.epoch >= epoch);
  return fitting.reduce<Group | undefined>((least, one) => (least && least.epoch <= one.epoch ? least : one), undefined);
}

function forLater(talk: Talk, payload: Bytes, groupId: Bytes, epoch: bigint): Effect {
  const known = talk.groups.find((group) => equal(group.id, groupId));
  if (known !== undefined && epoch > known.epoch + FUTURE_EPOCHS) throw new Unreadable("an epoch too far ahead");
  return { is: "keep-raw", payload, epoch };
}

function committed(before: Talk, next: Talk, old: Group, after: Group, event: Event): Step {
  const c = before.conversation;
  if (event.is === "removed") {
    if (old !== before.groups[0]) return [before, []];
    return [withPhase(before, "removed"), [notice("removed", c.host), { is: "drop-queue", queue: c.queue }]];
  }
  if (event.is !== "committed") throw new Unreadable("an MLS message of another kind");
  if (c.pair && after.members.length > 2) {
    throw new Unreadable("a commit that lets somebody else into a conversation of two");
  }
  const isAdded = (key: Bytes): boolean => event.added.some((one) => equal(one, key));
  // Who was put in anew may have lost the state before: what they have not confirmed they may never have read.
  const effects = event.removed.map((key): Effect => (isAdded(key) ? { is: "send-again", to: key } : notice("gone", key)));
  return [next, [...effects, { is: "try-again", quiet: false }]];
}

function content(ctx: Context, talk: Talk, event: Event & { readonly is: "application" }): Step {
  const { author, plain, bound } = event;
  if (!equal(bound, talk.conversation.id)) throw new Unreadable("a message bound to another conversation");
  const found = decodeContent(plain);
  const { body } = found;
  if (body.is === "roster") return takeRoster(ctx, talk, author, body);
  const peer = peerOf(talk.conversation, author);
  if (peer === undefined) {
    // A receipt, or a piece of a call, was on its way while its author was taken out; nobody wrote it.
    if (body.is === "receipt" || isSignal(body)) return [talk, []];
    throw new Unreadable("a message from somebody who is not in this conversation");
  }
  if (isSignal(body)) return [talk, [{ is: "signal", author, sentAt: found.sentAt, signal: body }]];
  switch (body.is) {
    case "receipt": {
      const told = body.items.map(([id, outcome]): Effect => ({ is: "told", by: author, id, outcome }));
      return notedHead(talk, peer, body.head, told);
    }
    case "wish":
      return wish(talk, peer, body.wish === WishKind.leave);
    case "ask":
      return [talk, [{ is: "asked", by: author, ask: body }]];
    case "offer":
      return [talk, []];
    case "stated": {
      const changed = withPeer(talk.conversation, { ...peer, profile: body.profile });
      return [{ ...talk, conversation: changed }, [notice("stated", author)]];
    }
    case "text":
    case "document":
    case "retraction":
      return toPeople(talk, peer, found);
  }
}

function toPeople(talk: Talk, peer: Peer, found: Content): Step {
  const { body } = found;
  const effects: Effect[] = [
    body.is === "retraction"
      ? { is: "retract", author: peer.key, target: body.target }
      : { is: "show", author: peer.key, content: found },
    { is: "owe", author: peer.key, id: found.id },
  ];
  if (!isNumbered(body) || found.number <= peer.head) return [talk, effects];
  const missing = peer.head === UNKNOWN ? 0 : found.number - peer.head - 1;
  if (missing > 0) effects.unshift(notice("missing", peer.key, missing, peer.head + 1));
  return [{ ...talk, conversation: withPeer(talk.conversation, { ...peer, head: found.number }) }, effects];
}

/** A writer's own head, told with its receipts: what it has sent further, and what never came, is missing. */
function notedHead(talk: Talk, peer: Peer, head: number, effects: readonly Effect[]): Step {
  if (head <= peer.head) return [talk, effects];
  const after = { ...talk, conversation: withPeer(talk.conversation, { ...peer, head }) };
  if (peer.head === UNKNOWN) return [after, effects];
  return [after, [notice("missing", peer.key, head - peer.head, peer.head + 1), ...effects]];
}

/** Only the host's leaving means something to a member. */
function wish(talk: Talk, peer: Peer, leaving: boolean): Step {
  const c = talk.conversation;
  if (!leaving || !equal(peer.key, c.host)) return [talk, []];
  const gone = notice("gone", peer.key);
  return c.pair ? [withPhase(talk, "left"), [gone, { is: "drop-queue", queue: c.queue }]] : [talk, [gone]];
}
