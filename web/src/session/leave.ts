/** Leaving: a last word to the host, and nothing after it (S29). */

import { WishKind } from "../wire/content/wishes.ts";
import type { Effect, Step } from "./effects.ts";
import { withPhase, type Context, type Talk } from "./model.ts";
import { encrypt, mayWrite } from "./write.ts";

export async function leave(ctx: Context, talk: Talk): Promise<Step> {
  const { host, queue } = talk.conversation;
  let [after, posts]: readonly [Talk, readonly Effect[]] = [talk, []];
  if (mayWrite(talk)) {
    const body = { is: "wish", wish: WishKind.leave, keyPackage: new Uint8Array(0) } as const;
    [after, posts] = await encrypt(talk, { id: ctx.random(16), number: 0, sentAt: ctx.now, body }, host);
  }
  return [withPhase(after, "left"), [...posts, { is: "drop-queue", queue }]];
}
