/** What is kept, as the views have it (`end.ts`). */

import type { Conversation, Entry, Person } from "../end.ts";
import type { Talk } from "../session/model.ts";
import type { MessageRecord } from "../store/records.ts";
import { named, type Draft } from "../store/store.ts";
import { chunkCount } from "../wire/content/document.ts";
import { hex } from "../wire/text.ts";

/** The last moment that a `Date` can hold, in milliseconds. */
const LAST_DATE = 8.64e15;

export function entryOf(draft: Draft, one: MessageRecord): Entry {
  const { document, notice } = one;
  const moved = draft.get("transfer", named(one.conversation, one.id))?.done;
  return {
    id: hex(one.id),
    conversation: hex(one.conversation),
    author: one.author === null ? null : hex(one.author),
    kind: one.kind === "retraction" ? "text" : one.kind,
    text: one.text,
    state: one.state,
    // By its author's clock: one that is no date would stop whoever shows it.
    sentAt: Math.min(one.sentAt, LAST_DATE),
    cameAt: one.cameAt,
    late: one.late,
    ...(document && {
      document: {
        name: document.name,
        mediaType: document.mediaType,
        size: document.size,
        done: moved === undefined ? 1 : moved / chunkCount(document),
      },
    }),
    ...(notice && { notice: { what: notice.what, who: hex(notice.who), count: notice.count } }),
  };
}

/** Everything that people see of a conversation, oldest first. */
export const shown = (draft: Draft, conversation: string): MessageRecord[] =>
  draft
    .all("message", `${conversation}/`)
    .map(([, one]) => one)
    .filter((one) => one.kind !== "retraction")
    .sort((a, b) => a.n - b.n);

export function conversationOf(draft: Draft, { conversation: c }: Pick<Talk, "conversation">): Conversation {
  const entries = shown(draft, hex(c.id));
  const last = entries.at(-1);
  const people = c.peers.map((peer): Person => ({ key: hex(peer.key), ...peer.profile, verified: false, here: false }));
  return {
    id: hex(c.id),
    short: c.name,
    name: c.name,
    phase: c.phase,
    pair: c.pair,
    host: hex(c.host),
    people,
    unread: entries.filter((one) => one.author !== null && one.kind !== "notice" && !one.seen).length,
    last: last === undefined ? null : entryOf(draft, last),
    late: entries.some((one) => one.late),
  };
}
