/** Errands at relays, in order: capabilities taken out of use, chunks deleted. */

import type { OwnQueue } from "../session/model.ts";
import type { Document } from "../wire/content/document.ts";
import type { Tables } from "./records.ts";
import { named, type Draft } from "./store.ts";

function put(draft: Draft, relay: string, what: Tables["errand"]["what"]): void {
  draft.put("errand", named(draft.next()), { relay, what, tries: 0, notBefore: 0 });
}

export function dropWriters(draft: Draft, queue: OwnQueue, indexes: readonly number[]): void {
  const writers = indexes.flatMap((index) => queue.writers[index] ?? []);
  put(draft, queue.relay, { is: "drop-writers", read: queue.read, writers });
}

/** Where one has the right to: the sender always, a reader who is the only one. */
export function deleteChunks(draft: Draft, document: Document): void {
  if (document.deletion.length === 0) return;
  put(draft, document.relay, { is: "delete-chunks", document });
}
