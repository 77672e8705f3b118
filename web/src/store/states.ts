/** What became of a message of mine: by reader, and in all. */

import type { Bytes } from "../wire/codec.ts";
import { hex } from "../wire/text.ts";
import { deleteChunks } from "./errands.ts";
import type { DeliveryState, MessageRecord, State } from "./records.ts";
import { named, type Draft } from "./store.ts";

const RANK: Record<DeliveryState, number> = { refused: 0, waiting: 1, accepted: 2, delivered: 3, read: 4 };

export function messageOf(draft: Draft, conversation: Bytes, id: Bytes): MessageRecord | undefined {
  return draft.get("message", named(conversation, id));
}

export const uploading = (draft: Draft, conversation: Bytes, id: Bytes): boolean =>
  draft.get("transfer", named(conversation, id))?.upload === true;

/** One reader's state, and with it the whole message's. */
export function setDelivery(draft: Draft, conversation: Bytes, id: Bytes, reader: Bytes, state: DeliveryState): void {
  const known = messageOf(draft, conversation, id);
  if (known === undefined) return;
  draft.patch("message", named(conversation, id), { deliveries: { ...known.deliveries, [hex(reader)]: state } });
  settle(draft, conversation, id);
}

/** Only ever further: a receipt that comes late changes nothing. */
export function advanceDelivery(draft: Draft, conversation: Bytes, id: Bytes, reader: Bytes, state: DeliveryState): void {
  const known = messageOf(draft, conversation, id)?.deliveries[hex(reader)];
  if (known !== undefined && RANK[known] < RANK[state]) setDelivery(draft, conversation, id, reader, state);
}

/** A message's state: the least that every reader has reached; a document is accepted when its chunks are, too. */
export function settle(draft: Draft, conversation: Bytes, id: Bytes): void {
  const known = messageOf(draft, conversation, id);
  if (known === undefined || known.state === "retracted") return;
  const states = Object.values(known.deliveries);
  const reachable = states.filter((state) => state !== "refused");
  const least = reachable.reduce<DeliveryState>((a, b) => (RANK[a] <= RANK[b] ? a : b), reachable[0] ?? "refused");
  let state: State = states.length === 0 ? "waiting" : least === "refused" ? "failed" : least;
  if ((state === "waiting" || state === "accepted") && uploading(draft, conversation, id)) state = "uploading";
  if (state === known.state) return;
  const there = state === "delivered" || state === "read";
  draft.patch("message", named(conversation, id), { state, ...(there ? { late: false } : {}) });
  if (there && known.document !== null) deleteChunks(draft, known.document);
}
