/** Coming back after one's state was lost, or the host's was (S31 to S34). */

import { WireError, equal, type Bytes } from "../wire/codec.ts";
import { Kind } from "../wire/envelope.ts";
import { openReturn, sealReturn, type Return } from "../wire/returning.ts";
import { notice, type Effect, type Step } from "./effects.ts";
import { keptPackage } from "./keys.ts";
import { peerOf, withPhase, type Context, type Peer, type Talk } from "./model.ts";

/** What is left where this end was put back to an earlier state: everything but the ratchets. */
export function lose(talk: Talk): Talk {
  const open = ["open", "returning", "lost"].includes(talk.conversation.phase);
  return { ...(open ? withPhase(talk, "lost") : talk), groups: [] };
}

/** A member asks its host, with a fresh key package. */
export async function askBack(ctx: Context, talk: Talk): Promise<Step> {
  const c = talk.conversation;
  if (c.phase !== "lost") return [talk, []];
  const host = peerOf(c, c.host);
  if (host?.address === null || host === undefined || c.recovery.length === 0) return [talk, [notice("lost")]];
  return [talk, await returned(ctx, talk, host, c.succession)];
}

async function returned(ctx: Context, talk: Talk, peer: Peer, succession: number): Promise<Effect[]> {
  const c = talk.conversation;
  if (peer.address === null) throw new WireError("that person's queue is not known");
  const [keyPackage, keep] = await keptPackage(ctx);
  const value: Return = {
    conversation: c.id,
    sender: ctx.identity.key,
    reader: peer.key,
    succession,
    sentAt: ctx.now,
    head: Math.max(0, peer.head),
    keyPackage,
  };
  const payload = await sealReturn(value, ctx.identity.seed, c.recovery);
  return [keep, { is: "post", to: peer.key, address: peer.address, kind: Kind.return, payload, about: null }];
}

/** The host has lost its state and asks to come back: checked; it waits for a human's yes. */
export async function askedBack(ctx: Context, talk: Talk, sealed: Bytes): Promise<readonly [Return, Step]> {
  const c = talk.conversation;
  if (c.recovery.length === 0) throw new WireError("nothing is shared with that person for a return");
  const value = await openReturn(sealed, c.host, ctx.identity.key, c.recovery);
  if (!equal(value.conversation, c.id)) throw new WireError("a return for another conversation");
  return [value, [c.pair ? withPhase(talk, "returning") : talk, [notice("return-asked", c.host)]]];
}

/** The human's yes: the host, who lost the group, is given a fresh key package. */
export async function sayYes(ctx: Context, talk: Talk, value: Return): Promise<Step> {
  const c = talk.conversation;
  const host = peerOf(c, value.sender);
  if (host === undefined) throw new WireError("that person is not in this conversation any more");
  if (value.succession <= c.succession && c.phase === "open") throw new WireError("a return into a group that is over");
  const after = withPhase({ ...talk, conversation: { ...c, succession: value.succession } }, "open");
  return [after, await returned(ctx, after, host, value.succession)];
}
