/** What a queue handed out: opened, put together, told apart from doubles, and given to the rules (S18, S19, S22). */

import { MlsRefused, peek } from "../mls/group.ts";
import { notice } from "../session/effects.ts";
import type { Context } from "../session/model.ts";
import { Unreadable, receive } from "../session/receive.ts";
import { WireError, type Bytes } from "../wire/codec.ts";
import { Kind, join, openEnvelope, type Part } from "../wire/envelope.ts";
import { isBefore, type Position } from "../wire/frames/position.ts";
import { note } from "./apply.ts";
import { NotKept } from "./backing.ts";
import { run, takeReturn, takeWelcome } from "./steps.ts";
import { named, type Draft, type Store } from "./store.ts";
import { contextOf } from "./talks.ts";

const INCOMPLETE_PARTS = 512;

export interface Handed {
  readonly position: Position;
  readonly envelope: Bytes;
}

/** One envelope; when this resolves it is durable here and may be confirmed. Never throws for what others sent: what cannot
be read is set aside, counted and confirmed. Throws `NotKept` alone. `isLive`: it had not waited at the relay. */
export async function take(store: Store, queue: Bytes, handed: Handed, isLive = false): Promise<void> {
  try {
    await store.step(async (draft) => {
      draft.isLive = isLive;
      if (advance(draft, queue, handed.position)) await open(draft, contextOf(draft), queue, handed.envelope);
    });
  } catch (error) {
    if (error instanceof NotKept) throw error;
    // Also what nobody foresaw: a message that stops the page would stop it again at every start.
    if (!(error instanceof WireError)) console.error(`a message was set aside after an unexpected ${nameOf(error)}`);
    await store.step((draft) => {
      const known = draft.get("queue", named(queue));
      if (known !== undefined && advance(draft, queue, handed.position)) {
        note(draft, contextOf(draft), known.conversation, notice("unreadable", undefined, 1));
      }
    });
  }
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

function advance(draft: Draft, queue: Bytes, position: Position): boolean {
  const known = draft.get("queue", named(queue));
  if (known === undefined || !isBefore(known, position)) return false;
  draft.patch("queue", named(queue), position);
  return true;
}

async function open(draft: Draft, ctx: Context, queue: Bytes, envelope: Bytes): Promise<void> {
  const known = draft.get("queue", named(queue));
  if (known === undefined) return;
  const part = await openEnvelope(known.queue.key, envelope);
  const seen = named(queue, part.id);
  if (draft.get("seen", seen) !== undefined) return;
  const message = assembled(draft, ctx, queue, part);
  if (message === undefined) return;
  draft.put("seen", seen, { at: ctx.now });
  if (part.kind === Kind.return) return takeReturn(draft, ctx, known.conversation, message);
  if (part.kind !== Kind.mls) throw new Unreadable("a hello to somebody who gave no link away");
  const header = peek(message);
  if (header.is === "other") throw new MlsRefused("an MLS message of another kind");
  if (header.is === "welcome") return takeWelcome(draft, ctx, known.conversation, message, header.refs);
  await run(draft, ctx, known.conversation, (talk) => receive(ctx, talk, message));
}

/** The whole message once its last part is here. */
function assembled(draft: Draft, ctx: Context, queue: Bytes, part: Part): Bytes | undefined {
  if (part.total === 1) return part.data;
  const prefix = named(queue, part.id);
  draft.put("part", named(queue, part.id, part.index), { ...part, queue, at: ctx.now });
  const here = draft.all("part", `${prefix}/`);
  if (here.length < part.total) {
    const waiting = draft.all("part", `${named(queue)}/`).sort(([, a], [, b]) => b.at - a.at);
    for (const [name] of waiting.slice(INCOMPLETE_PARTS)) draft.delete("part", name);
    return undefined;
  }
  for (const [name] of here) draft.delete("part", name);
  return join(here.map(([, one]) => one));
}
