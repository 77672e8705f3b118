/** What is written and not yet sent: bodies in line, to be encrypted in their turn, and envelopes on their way (S16, S17). */

import { turnedAway } from "../session/greet.ts";
import { leave } from "../session/leave.ts";
import type { Context, Talk } from "../session/model.ts";
import { encrypt, mayWrite, numbered } from "../session/write.ts";
import { equal, type Bytes } from "../wire/codec.ts";
import { SIGNAL_MS, isSignal } from "../wire/content/call/signal.ts";
import { decodeContent, encodeContent, type Body, type Content } from "../wire/content/content.ts";
import { isAhead } from "../wire/content/document.ts";
import { RECEIPTS } from "../wire/content/receipt.ts";
import { WishKind, type Offer } from "../wire/content/wishes.ts";
import { Kind, split, type Part } from "../wire/envelope.ts";
import { inLine } from "./apply.ts";
import type { MessageRecord, Tables } from "./records.ts";
import { advanceDelivery, messageOf, setDelivery, uploading } from "./states.ts";
import { begin, run } from "./steps.ts";
import { named, type Draft, type Store } from "./store.ts";
import { contextOf, loadTalk } from "./talks.ts";

export const ASK_AGAIN_MS = 60_000;
/** How often a hello that may have been accepted asks, once a minute, whether it really was not: a day. */
export const ASKED_AGAIN = 1_440;

/** One envelope for one reader. */
export interface Outgoing {
  readonly name: string;
  readonly record: Tables["outgoing"];
  readonly part: Part;
}

/** Encrypts the next body in line in one conversation, if it can be; whether it did. Wants a drained queue. */
export function encryptNext(store: Store, conversation: Bytes): Promise<boolean> {
  return store.step(async (draft) => {
    const ctx = contextOf(draft);
    const talk = loadTalk(draft, conversation);
    if (talk === undefined || !mayWrite(talk)) return false;
    for (const [name, line] of draft.all("writing", `${named(conversation)}/`)) {
      const content = contentOf(draft, line);
      if (content === undefined) {
        draft.delete("writing", name);
        continue;
      }
      if (isOutdated(content, ctx.now)) {
        draft.delete("writing", name);
        continue;
      }
      const waits = content.body.is === "document" && !isAhead(content.body) && uploading(draft, conversation, content.id);
      if (waits) return false;
      if (line.to !== null && line.message !== null && !isMember(talk, line.to)) {
        // It goes out when they come.
        draft.delete("writing", name);
        continue;
      }
      if (line.to !== null && !isReached(talk, line.to)) continue;
      if (content.body.is === "offer" && isQueueWanted(draft, content.body.conversation)) continue;
      draft.delete("writing", name);
      if (content.body.is === "offer" && isPast(draft, content.body)) continue;
      if (content.body.is === "wish" && content.body.wish === WishKind.leave) {
        await begin(draft, ctx, await leave(ctx, talk));
      } else {
        await send(draft, ctx, talk, content, line);
      }
      return true;
    }
    return false;
  });
}

/** A piece of a call that could not be sent while it was of use (C2). */
const isOutdated = ({ body, sentAt }: Content, now: number): boolean => isSignal(body) && sentAt + SIGNAL_MS < now;

/** What is of no use any more is not sent. */
export async function dropOutdated(store: Store): Promise<void> {
  const now = Date.now();
  const isOver = ({ until, part }: Tables["outgoing"]): boolean => until !== undefined && until < now && part === 0;
  if (!store.look().all("outgoing").some(([, one]) => isOver(one))) return;
  await store.step((draft) => {
    for (const [name, one] of draft.all("outgoing")) if (isOver(one)) draft.delete("outgoing", name);
  });
}

async function send(draft: Draft, ctx: Context, talk: Talk, given: Content, line: Tables["writing"]): Promise<void> {
  let [after, content] = [talk, given];
  if (line.message !== null && content.number === 0) {
    const [counted, number] = numbered(talk, content.body);
    [after, content] = [counted, { ...content, number }];
    draft.patch("message", named(talk.conversation.id, content.id), { number });
  }
  await begin(draft, ctx, await encrypt(after, { ...content, body: forReaders(talk, content.body) }, line.to));
}

/** A sole reader deletes a document's chunks itself; where there are several, the sender does. */
const forReaders = (talk: Talk, body: Body): Body =>
  body.is === "document" && talk.conversation.peers.length > 1 ? { ...body, deletion: new Uint8Array(0) } : body;

const isMember = (talk: Talk, key: Bytes): boolean => talk.groups[0]?.members.some((one) => equal(one, key)) ?? false;
const isReached = (talk: Talk, key: Bytes): boolean =>
  talk.conversation.peers.some((peer) => equal(peer.key, key) && peer.address !== null);

/** Whether another queue has taken the place of the one offered: the host would write to one that is not there. */
function isPast(draft: Draft, { conversation, queue }: Offer): boolean {
  const current = draft.get("talk", named(conversation))?.conversation.queue;
  return current === undefined || !equal(current.key, queue.key);
}

/** The queue that is offered has to be at its relay before the Welcome comes. */
function isQueueWanted(draft: Draft, conversation: Bytes): boolean {
  const offered = draft.get("talk", named(conversation))?.conversation.queue;
  return offered !== undefined && draft.get("queue", named(offered.id))?.state === "wanted";
}

function contentOf(draft: Draft, line: Tables["writing"]): Content | undefined {
  if (line.body !== null) return decodeContent(line.body);
  const message = line.message === null ? undefined : messageOf(draft, line.conversation, line.message);
  if (message === undefined || message.state === "retracted") return undefined;
  const body = bodyOf(message);
  return body && { id: message.id, number: message.number, sentAt: message.sentAt, body };
}

function bodyOf(message: MessageRecord): Body | undefined {
  if (message.kind === "text") return { is: "text", text: message.text };
  if (message.kind === "retraction" && message.target !== null) return { is: "retraction", target: message.target };
  return message.document ?? undefined;
}

/** Turns what is owed in one conversation into receipts in line, one for each author. */
export function receipts(store: Store, conversation: Bytes): Promise<void> {
  return store.step((draft) => {
    const ctx = contextOf(draft);
    const talk = loadTalk(draft, conversation);
    if (talk === undefined || !mayWrite(talk)) return;
    const byAuthor = new Map<string, Tables["owed"][]>();
    for (const [name, owed] of draft.all("owed", `${named(conversation)}/`)) {
      const author = named(owed.author);
      const gathered = byAuthor.get(author) ?? [];
      if (gathered.length >= RECEIPTS) continue;
      byAuthor.set(author, [...gathered, owed]);
      draft.delete("owed", name);
    }
    for (const owed of byAuthor.values()) {
      const author = owed[0]?.author;
      if (author === undefined || !isReached(talk, author)) continue;
      const items = owed.map(({ message, outcome }) => [message, outcome] as const);
      const body = { is: "receipt", items, head: talk.conversation.number } as const;
      inLine(draft, conversation, null, encodeContent({ id: ctx.random(16), number: 0, sentAt: ctx.now, body }), author);
    }
  });
}

/** The first envelopes in line for each reader at one relay, where their time has come and our own queue is there; `limit`
in all, but one for each reader at least. */
export function lines(draft: Draft, relay: string, now: number, limit: number): Outgoing[][] {
  const byReader = new Map<string, [string, Tables["outgoing"]][]>();
  for (const [name, record] of draft.all("outgoing")) {
    if (record.address.relay !== relay) continue;
    const reader = named(record.address.write);
    byReader.set(reader, [...(byReader.get(reader) ?? []), [name, record]]);
  }
  const due = [...byReader.values()]
    .filter(([head]) => head !== undefined && head[1].notBefore <= now && !isQueueWanted(draft, head[1].conversation))
    .slice(0, limit);
  return due.map((waiting) => window(waiting, Math.max(1, Math.floor(limit / due.length))));
}

function window(waiting: readonly [string, Tables["outgoing"]][], limit: number): Outgoing[] {
  const found: Outgoing[] = [];
  for (const [name, record] of waiting) {
    for (const part of split(record.kind, record.id, record.payload).slice(record.part)) {
      if (found.length >= limit) return found;
      found.push({ name, record, part });
    }
  }
  return found;
}

/** The relay has this envelope on its disk. */
export function accepted(draft: Draft, sent: Outgoing): void {
  if (sent.part.index + 1 < sent.part.total) return draft.patch("outgoing", sent.name, { part: sent.part.index + 1, tries: 0 });
  finished(draft, sent, "accepted");
}

/** These are about to be sent: a stop, or a line that breaks, may keep what becomes of a hello from this end. */
export async function beginHellos(store: Store, waiting: readonly (readonly Outgoing[])[]): Promise<void> {
  const fresh = waiting.flat().filter(({ record }) => record.kind === Kind.hello && !record.begun);
  if (fresh.length === 0) return;
  await store.step((draft) => {
    for (const { name } of fresh) draft.patch("outgoing", name, { begun: true });
  });
}

/** The relay knows no such queue, or not this capability: the reader took it away, or is gone. Of a hello that was sent
before, this is also what is answered where it was accepted and the link is used up by it: a Welcome may come (S5). */
export async function refused(draft: Draft, ctx: Context, sent: Outgoing): Promise<void> {
  const { kind, begun, tries, conversation } = sent.record;
  const isAnswered = draft.get("talk", named(conversation))?.conversation.phase !== "waiting";
  if (kind === Kind.hello && begun && tries < ASKED_AGAIN && !isAnswered) return later(draft, sent, ctx.now + ASK_AGAIN_MS);
  finished(draft, sent, "refused");
  if (kind === Kind.hello) await run(draft, ctx, conversation, turnedAway);
}

export function later(draft: Draft, sent: Outgoing, notBefore: number): void {
  draft.patch("outgoing", sent.name, { tries: sent.record.tries + 1, notBefore });
}

function finished(draft: Draft, sent: Outgoing, state: "accepted" | "refused"): void {
  const { conversation, about, to } = sent.record;
  if (draft.get("outgoing", sent.name) === undefined) return;
  draft.delete("outgoing", sent.name);
  if (about === null) return;
  if (state === "accepted") advanceDelivery(draft, conversation, about, to, state);
  else if (messageOf(draft, conversation, about)?.deliveries[named(to)] === "waiting") {
    setDelivery(draft, conversation, about, to, state);
  }
}

/** Whether a hello still waits to be sent: its invitation's grant may turn out to be used by somebody else (S5). */
export const holdsHello = (draft: Draft, conversation: Bytes): boolean =>
  draft.all("outgoing").some(([, one]) => one.kind === Kind.hello && equal(one.conversation, conversation));

