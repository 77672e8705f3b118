/** Where sessions meet MLS: the ids of what is mixed in, key packages, and new queues. */

import { newKeyPackage } from "../mls/keyPackage.ts";
import { concat, utf8, Writer, type Bytes } from "../wire/codec.ts";
import { WRITERS_PER_BATCH } from "../wire/sizes.ts";
import type { Effect } from "./effects.ts";
import { seconds, type Context, type OwnQueue } from "./model.ts";

/** The id of the link's secret in the group that answers a hello (S4). */
export const helloPsk = (conversation: Bytes): Bytes => concat(utf8("colloque hello"), conversation);

/** The id of the recovery secret in the group of a return (S33). */
export const returnPsk = (conversation: Bytes, succession: number): Bytes =>
  concat(utf8("colloque return"), conversation, new Writer().uint(succession, 4).done());

/** A patient has no relay of their own: the queue is made where whoever lends the grant reads (S2). */
export function lentQueue(ctx: Context, relay: string, grant: Bytes): OwnQueue {
  const writers = Array.from({ length: WRITERS_PER_BATCH }, () => ctx.random(32));
  return { id: ctx.random(16), relay, read: ctx.random(32), key: ctx.random(32), writers, grant };
}

/** A fresh key package and the effect that keeps it until its Welcome comes. */
export async function keptPackage(ctx: Context): Promise<readonly [Bytes, Effect]> {
  const made = await newKeyPackage(ctx.identity.seed, seconds(ctx));
  return [made.package, { is: "keep-package", ...made }];
}
