/** One event, one step: load the conversation, run the rule, carry its effects out. */

import { askBack, askedBack, lose, sayYes } from "../session/back.ts";
import { notice, type Step } from "../session/effects.ts";
import { join, offer } from "../session/join.ts";
import type { Context, Talk } from "../session/model.ts";
import { Unreadable, receive } from "../session/receive.ts";
import { WireError, equal, whole, type Bytes } from "../wire/codec.ts";
import type { Ask } from "../wire/content/wishes.ts";
import { encodeReturn, readReturn } from "../wire/returning.ts";
import { apply, note } from "./apply.ts";
import { named, type Draft } from "./store.ts";
import { loadTalk, saveTalk } from "./talks.ts";

/** A conversation's first step, or one whose rule was run already. */
export async function begin(draft: Draft, ctx: Context, step: Step): Promise<void> {
  const [talk, effects] = step;
  const { id } = talk.conversation;
  saveTalk(draft, talk);
  for (const left of apply(draft, ctx, id, effects)) {
    if (left.is === "try-again") await tryRaw(draft, ctx, id, left.quiet);
    else await answerAsk(draft, ctx, id, left.by, left.ask);
  }
}

/** Runs `rule` on one conversation, and whatever follows from it; throws what the rule throws. */
export async function run(draft: Draft, ctx: Context, id: Bytes, rule: (talk: Talk) => Promise<Step> | Step): Promise<void> {
  const talk = loadTalk(draft, id);
  if (talk === undefined) throw new WireError("there is no such conversation");
  await begin(draft, ctx, await rule(talk));
}

export async function takeWelcome(draft: Draft, ctx: Context, id: Bytes, payload: Bytes, refs: readonly Bytes[]): Promise<void> {
  for (const ref of refs) {
    const own = draft.get("package", named(ref));
    if (own !== undefined && equal(own.conversation, id)) return run(draft, ctx, id, (talk) => join(ctx, talk, payload, own));
  }
  throw new Unreadable("a Welcome for a key package that is not mine, or was used");
}

/** Everything kept raw, oldest first; what still cannot be opened is kept again by the rule itself. */
async function tryRaw(draft: Draft, ctx: Context, id: Bytes, quiet: boolean): Promise<void> {
  const kept = draft.all("raw", `${named(id)}/`);
  kept.sort(([, a], [, b]) => (a.epoch < b.epoch ? -1 : a.epoch > b.epoch ? 1 : 0));
  for (const [name] of kept) draft.delete("raw", name);
  if (kept.length > 0) draft.isLive = false;
  for (const [, { payload }] of kept) {
    try {
      await run(draft, ctx, id, (talk) => receive(ctx, talk, payload));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      if (!quiet) note(draft, ctx, id, notice("unreadable", undefined, 1));
    }
  }
}

/** An ask came in conversation `id`: answered there, at once, where the asker may ask (S15). */
async function answerAsk(draft: Draft, ctx: Context, id: Bytes, by: Bytes, ask: Ask): Promise<void> {
  const [talk, effects, body] = await offer(ctx, ask, by, loadTalk(draft, ask.conversation));
  await begin(draft, ctx, [talk, effects]);
  apply(draft, ctx, id, [{ is: "write", body, to: by }]);
}

/** The host's return has come; it waits for a human's yes, and is said once. */
export async function takeReturn(draft: Draft, ctx: Context, id: Bytes, sealed: Bytes): Promise<void> {
  await run(draft, ctx, id, async (talk) => {
    const [value, [after, effects]] = await askedBack(ctx, talk, sealed);
    const waits = draft.get("return", named(id)) !== undefined;
    draft.put("return", named(id), { conversation: id, value: encodeReturn(value) });
    return [after, waits ? [] : effects];
  });
}

/** The human's yes to the host who asks to come back. */
export async function agree(draft: Draft, ctx: Context, id: Bytes): Promise<void> {
  const waiting = draft.get("return", named(id));
  if (waiting === undefined) return;
  draft.delete("return", named(id));
  await run(draft, ctx, id, (talk) => sayYes(ctx, talk, whole(waiting.value, readReturn)));
}

/** This end was put back to an earlier state: no ratchet of it may be used; every host is asked (S32). */
export async function loseAll(draft: Draft, ctx: Context): Promise<void> {
  for (const [, { conversation }] of draft.all("talk")) {
    if (conversation.phase !== "open" && conversation.phase !== "returning") continue;
    for (const [name, one] of draft.all("outgoing")) {
      if (equal(one.conversation, conversation.id)) draft.delete("outgoing", name);
    }
    await run(draft, ctx, conversation.id, (talk) => askBack(ctx, lose(talk)));
  }
}

