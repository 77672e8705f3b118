/** Encrypting in its turn: one content into one MLS message for every reader (S16, S17). */

import { WireError, equal, type Bytes } from "../wire/codec.ts";
import { SIGNAL_MS, isSignal } from "../wire/content/call/signal.ts";
import { encodeContent, type Body, type Content } from "../wire/content/content.ts";
import { Kind } from "../wire/envelope.ts";
import type { Effect, Step } from "./effects.ts";
import { withGroup, type Talk } from "./model.ts";

/** Messages to people are counted, so that a reader sees a gap. */
export const isNumbered = (body: Body): boolean =>
  body.is === "text" || body.is === "document" || body.is === "retraction";

/** Whether anything can be encrypted now: joined, and with the host's roster. */
export const mayWrite = (talk: Talk): boolean =>
  talk.conversation.phase === "open" &&
  talk.groups.length > 0 &&
  talk.conversation.peers.some((peer) => peer.address !== null);

/** The next number of my messages to people, or 0 for the others. */
export function numbered(talk: Talk, body: Body): readonly [Talk, number] {
  if (!isNumbered(body)) return [talk, 0];
  const number = talk.conversation.number + 1;
  return [{ ...talk, conversation: { ...talk.conversation, number } }, number];
}

/** One MLS message, posted to everybody whose address is known (or to one reader alone); and for whom it waits. */
export async function encrypt(talk: Talk, content: Content, to: Bytes | null): Promise<Step> {
  const newest = talk.groups[0];
  if (!mayWrite(talk) || newest === undefined) throw new WireError("this conversation is not open");
  const c = talk.conversation;
  const [group, payload] = await newest.protect(encodeContent(content), c.id);
  const isMember = (key: Bytes): boolean => group.members.some((member) => equal(member, key));
  const about = isNumbered(content.body) ? content.id : null;
  const until = isSignal(content.body) ? { until: content.sentAt + SIGNAL_MS } : {};
  const effects: Effect[] = [];
  for (const { key, address } of c.peers) {
    if (address === null || (to !== null && !equal(to, key))) continue;
    if (isMember(key)) effects.push({ is: "post", to: key, address, kind: Kind.mls, payload, about, ...until });
    // They were here before the group was made anew, and have not come into it yet (S30, S33).
    else if (about !== null) effects.push({ is: "await", to: key, about });
  }
  return [withGroup(talk, newest, group), effects];
}
