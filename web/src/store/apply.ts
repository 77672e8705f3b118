/** Effects into records: everything that one event brings about, inside one step. */

import { RAW_BYTES, RAW_MESSAGES } from "../session/calendar.ts";
import { notice, type Effect, type Notice } from "../session/effects.ts";
import type { Context } from "../session/model.ts";
import { equal, type Bytes } from "../wire/codec.ts";
import { SIGNAL_MS } from "../wire/content/call/signal.ts";
import { encodeContent, type Content } from "../wire/content/content.ts";
import { Outcome } from "../wire/content/receipt.ts";
import { hex } from "../wire/text.ts";
import { deleteChunks, dropWriters } from "./errands.ts";
import type { MessageRecord } from "./records.ts";
import { advanceDelivery, messageOf, setDelivery } from "./states.ts";
import { named, type Draft } from "./store.ts";

/** What only a rule can go on with. */
export type Left = Effect & { readonly is: "try-again" | "asked" };

/** Carries effects of one conversation out, and gives back those that are left to whoever runs rules. */
export function apply(draft: Draft, ctx: Context, conversation: Bytes, effects: readonly Effect[]): Left[] {
  const left: Left[] = [];
  for (const effect of effects) {
    const more = one(draft, ctx, conversation, effect);
    if (more) left.push(more);
  }
  return left;
}

function one(draft: Draft, ctx: Context, conversation: Bytes, e: Effect): Left | void {
  switch (e.is) {
    case "post":
      draft.put("outgoing", named(draft.next()), {
        ...{ conversation, to: e.to, address: e.address, kind: e.kind, payload: e.payload, about: e.about },
        ...{ id: ctx.random(16), part: 0, tries: 0, notBefore: 0, begun: false },
        ...(e.until === undefined ? {} : { until: e.until }),
      });
      if (e.about !== null) setDelivery(draft, conversation, e.about, e.to, "waiting");
      return;
    case "write": {
      const content: Content = { id: ctx.random(16), number: 0, sentAt: ctx.now, body: e.body };
      return inLine(draft, conversation, null, encodeContent(content), e.to);
    }
    case "signal":
      // Clocks may differ: what was handed out as it came is new, whatever its author's says (C2).
      if (!draft.isLive && Math.abs(ctx.now - e.sentAt) > SIGNAL_MS) return;
      draft.signals.push({ conversation: hex(conversation), author: hex(e.author), sentAt: e.sentAt, signal: e.signal });
      return;
    case "show":
      return show(draft, ctx, conversation, e.author, e.content);
    case "owe":
      if (messageOf(draft, conversation, e.id)?.state !== "arriving") {
        owe(draft, ctx, conversation, e.author, e.id, Outcome.delivered);
      }
      return;
    case "told":
      advanceDelivery(draft, conversation, e.id, e.by, e.outcome === Outcome.read ? "read" : "delivered");
      return;
    case "retract": {
      const known = messageOf(draft, conversation, e.target);
      if (known?.author && equal(known.author, e.author) && known.kind !== "notice" && known.state !== "retracted") {
        erase(draft, ctx, known);
      }
      return;
    }
    case "notice":
      return note(draft, ctx, conversation, e);
    case "keep-raw":
      return keepRaw(draft, ctx, conversation, e.payload, e.epoch);
    case "make-queue":
      draft.put("queue", named(e.queue.id), {
        ...{ queue: e.queue, conversation, state: "wanted", incarnation: 0, sequence: 0 },
      });
      return;
    case "drop-queue":
      draft.patch("queue", named(e.queue.id), { state: "unwanted" });
      return;
    case "drop-writers":
      return dropWriters(draft, e.queue, e.indexes);
    case "keep-package":
      draft.put("package", named(e.ref), { ref: e.ref, conversation, package: e.package, secrets: e.secrets, at: ctx.now });
      return;
    case "forget-package":
      return draft.delete("package", named(e.ref));
    case "send-again":
      return sendAgain(draft, conversation, e.to);
    case "await":
      if (messageOf(draft, conversation, e.about)?.deliveries[hex(e.to)] === undefined) {
        setDelivery(draft, conversation, e.about, e.to, "waiting");
      }
      return;
    case "give-up":
      return giveUp(draft, conversation, e.to);
    case "try-again":
    case "asked":
      return e;
  }
}

/** Behind what waits already. */
export function inLine(draft: Draft, conversation: Bytes, message: Bytes | null, body: Bytes | null, to: Bytes | null): void {
  draft.put("writing", named(conversation, 1, draft.next()), { conversation, message, body, to });
}

function show(draft: Draft, ctx: Context, conversation: Bytes, author: Bytes, content: Content): void {
  const { body, id } = content;
  if (messageOf(draft, conversation, id) !== undefined || (body.is !== "text" && body.is !== "document")) return;
  const document = body.is === "document" ? body : null;
  draft.put("message", named(conversation, id), {
    ...blank(draft, ctx, conversation, id),
    ...{ author, number: content.number, sentAt: content.sentAt, document },
    ...{ kind: document ? "file" : "text", text: body.is === "text" ? body.text : "" },
    state: document ? "arriving" : "here",
  });
  if (document !== null) {
    draft.put("transfer", named(conversation, id), {
      ...{ conversation, message: id, upload: false, done: 0, tries: 0, notBefore: 0 },
    });
  }
}

/** A message with nothing in it, at the end of its conversation. */
export function blank(draft: Draft, ctx: Context, conversation: Bytes, id: Bytes): MessageRecord {
  return {
    ...{ n: draft.next(), id, conversation, author: null, kind: "text", number: 0, state: "here", text: "" },
    ...{ document: null, target: null, notice: null, sentAt: ctx.now, cameAt: ctx.now, seen: false, late: false },
    deliveries: {},
  };
}

export function note(draft: Draft, ctx: Context, conversation: Bytes, e: Notice): void {
  const id = ctx.random(16);
  draft.put("message", named(conversation, id), {
    ...blank(draft, ctx, conversation, id),
    ...{ author: e.who, kind: "notice", notice: { what: e.what, who: e.who, count: e.count, first: e.first } },
  });
}

export function owe(draft: Draft, ctx: Context, conversation: Bytes, author: Bytes, message: Bytes, outcome: Outcome): void {
  const name = named(conversation, author, message, outcome);
  if (draft.get("owed", name) === undefined) draft.put("owed", name, { conversation, author, message, outcome, at: ctx.now });
}

/** Under which a document's bytes are kept. */
export const fileName = (conversation: Bytes, message: Bytes): string => `file/${named(conversation, message)}`;

/** Takes a message's words, or its file, away; what is left says that it was retracted. */
export function erase(draft: Draft, ctx: Context, known: MessageRecord): void {
  const name = named(known.conversation, known.id);
  if (known.document !== null) {
    deleteChunks(draft, known.document);
    draft.put("stray", fileName(known.conversation, known.id), { at: ctx.now });
  }
  draft.patch("message", name, { state: "retracted", text: "", document: null });
  draft.delete("transfer", name);
}

function keepRaw(draft: Draft, ctx: Context, conversation: Bytes, payload: Bytes, epoch: bigint): void {
  const kept = draft.all("raw", `${named(conversation)}/`);
  const size = kept.reduce((sum, [, raw]) => sum + raw.payload.length, payload.length);
  if (kept.length >= RAW_MESSAGES || size > RAW_BYTES) return note(draft, ctx, conversation, notice("unreadable", undefined, 1));
  draft.put("raw", named(conversation, draft.next()), { conversation, payload, epoch, at: ctx.now });
}

/** What this reader has not confirmed is put in line again; copies under older keys are not sent any more. */
function sendAgain(draft: Draft, conversation: Bytes, to: Bytes): void {
  const isTheirs = (one: { readonly conversation: Bytes; readonly to: Bytes | null }): boolean =>
    equal(one.conversation, conversation) && one.to !== null && equal(one.to, to);
  for (const [name, one] of draft.all("outgoing")) if (one.about !== null && isTheirs(one)) draft.delete("outgoing", name);
  for (const [name, one] of draft.all("writing")) if (one.message !== null && isTheirs(one)) draft.delete("writing", name);
  const again = draft
    .all("message", `${named(conversation)}/`)
    .map(([, message]) => message)
    .filter((m) => ["waiting", "accepted", "refused"].includes(m.deliveries[hex(to)] ?? "") && m.state !== "retracted")
    .sort((a, b) => a.n - b.n);
  // Ahead of what was written since, so that the order is kept.
  for (const { id } of again) {
    draft.put("writing", named(conversation, 0, draft.next()), { conversation, message: id, body: null, to });
  }
}

function giveUp(draft: Draft, conversation: Bytes, to: Bytes): void {
  const outgoing = draft.all("outgoing").map(([, one]) => one);
  for (const [, { id, deliveries }] of draft.all("message", `${named(conversation)}/`)) {
    const underWay = outgoing.some((one) => one.about !== null && equal(one.about, id) && equal(one.to, to));
    if (deliveries[hex(to)] === "waiting" && !underWay) setDelivery(draft, conversation, id, to, "refused");
  }
}
