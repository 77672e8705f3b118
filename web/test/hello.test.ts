/** A hello whose answer was lost, and what comes after a conversation is over (`spec/sessions.md` S5, S6, S14, S16, S18). */

import assert from "node:assert/strict";
import { test } from "node:test";

import { publicKey } from "../src/crypto/ed25519.ts";
import { random } from "../src/crypto/primitives.ts";
import { newKeyPackage } from "../src/mls/keyPackage.ts";
import { join } from "../src/session/join.ts";
import { lentQueue } from "../src/session/keys.ts";
import type { Context, Conversation, Phase } from "../src/session/model.ts";
import { entryOf } from "../src/patient/entries.ts";
import { apply } from "../src/store/apply.ts";
import { take } from "../src/store/intake.ts";
import { ASKED_AGAIN, ASK_AGAIN_MS, beginHellos, lines, refused } from "../src/store/outbox.ts";
import { Store, named } from "../src/store/store.ts";
import { hourOf } from "../src/ui/time.ts";
import { sayIn } from "../src/ui/words.ts";
import { WireError, type Bytes } from "../src/wire/codec.ts";
import type { Content } from "../src/wire/content/content.ts";
import { Kind } from "../src/wire/envelope.ts";
import { ENVELOPE_BYTES } from "../src/wire/sizes.ts";
import { MemoryBacking } from "./memory.ts";

const RELAY = "http://127.0.0.1:8440";
const NONE = new Uint8Array(0);
const NOBODY = { name: "Dr Anne Payet", profession: "", rpps: "" };

function context(now = 1_000_000): Context {
  const seed = random(32);
  return { identity: { seed, key: publicKey(seed), profile: NOBODY }, now, random };
}

function conversation(ctx: Context, phase: Phase = "waiting"): Conversation {
  const host = random(32);
  return {
    ...{ id: random(16), name: "Dr Anne Payet", pair: true, phase, host, queue: lentQueue(ctx, RELAY, NONE) },
    ...{ peers: [{ key: host, profile: NOBODY, address: null, myWriter: null, head: 0 }], secondHost: NONE },
    ...{ recovery: NONE, revision: 0, number: 0, succession: 1, welcomePsk: random(32), renewedAt: 0 },
  };
}

/** An end that has followed a link: its hello is in line. */
async function greeted(ctx: Context): Promise<readonly [Store, Conversation]> {
  const store = await Store.open(await MemoryBacking.open());
  const talk = conversation(ctx);
  await store.step((draft) => {
    draft.put("identity", "me", ctx.identity);
    draft.put("talk", named(talk.id), { conversation: talk, groups: [] });
    put(draft, talk, Kind.hello, random(32), null);
  });
  return [store, talk];
}

function put(draft: ReturnType<Store["look"]>, talk: Conversation, kind: Kind, write: Bytes, about: Bytes | null): void {
  draft.put("outgoing", named(draft.next()), {
    ...{ conversation: talk.id, to: talk.host, address: { relay: RELAY, write, key: random(32) }, kind, about },
    ...{ payload: random(8), id: random(16), part: 0, tries: 0, notBefore: 0, begun: false },
  });
}

const phaseOf = (store: Store, talk: Conversation): Phase | undefined =>
  store.look().get("talk", named(talk.id))?.conversation.phase;

/** Sends what is due, and is told that the relay knows no such queue. */
async function turnedDown(store: Store, ctx: Context): Promise<number> {
  const waiting = lines(store.look(), RELAY, ctx.now, 32);
  await beginHellos(store, waiting);
  await store.step(async (draft) => {
    for (const sent of waiting.flat()) await refused(draft, ctx, sent);
  });
  return waiting.flat().length;
}

test("S5: a first hello that is refused is told at once", async () => {
  const ctx = context();
  const [store, talk] = await greeted(ctx);
  assert.equal(await turnedDown(store, ctx), 1);
  assert.equal(phaseOf(store, talk), "removed");
  assert.deepEqual(
    store.look().all("message").map(([, one]) => one.notice?.what),
    ["link-used"],
  );
});

test("S5: one that may be there already asks once a minute for a day, and then says so", async () => {
  const first = context();
  const [store, talk] = await greeted(first);
  // Sent, and the line broke before the answer.
  await beginHellos(store, lines(store.look(), RELAY, first.now, 32));
  let now = first.now;
  for (let time = 0; time < ASKED_AGAIN; time += 1) {
    assert.equal(await turnedDown(store, { ...first, now }), 1);
    assert.equal(phaseOf(store, talk), "waiting", String(time));
    assert.equal(await turnedDown(store, { ...first, now: now + ASK_AGAIN_MS - 1 }), 0);
    now += ASK_AGAIN_MS;
  }
  await turnedDown(store, { ...first, now });
  assert.equal(phaseOf(store, talk), "removed");
});

test("S5: where the Welcome came, the hello is given up and nothing is said", async () => {
  const ctx = context();
  const [store, talk] = await greeted(ctx);
  await beginHellos(store, lines(store.look(), RELAY, ctx.now, 32));
  await store.step((draft) => draft.put("talk", named(talk.id), { conversation: { ...talk, phase: "open" }, groups: [] }));
  await turnedDown(store, ctx);
  assert.equal(phaseOf(store, talk), "open");
  assert.deepEqual(store.look().all("outgoing"), []);
  assert.deepEqual(store.look().all("message"), []);
});

test("S6, S14: a Welcome into a conversation that is over is refused before it is looked at", async () => {
  const ctx = context();
  const own = await newKeyPackage(ctx.identity.seed, 1_000);
  for (const phase of ["left", "removed"] as const) {
    const over = { conversation: conversation(ctx, phase), groups: [] };
    await assert.rejects(join(ctx, over, NONE, own), (error) => error instanceof WireError && /over/.test(error.message));
  }
});

test("R6: what is under way at once is bounded in all, and nobody's line is left out", async () => {
  const ctx = context();
  const [store, talk] = await greeted(ctx);
  await store.step((draft) => {
    for (const [name] of draft.all("outgoing")) draft.delete("outgoing", name);
    for (let reader = 0; reader < 19; reader += 1) {
      const write = random(32);
      for (let count = 0; count < 10; count += 1) put(draft, talk, Kind.mls, write, null);
    }
  });
  const due = lines(store.look(), RELAY, ctx.now, 32);
  assert.equal(due.length, 19);
  assert.equal(due.flat().length, 19);
});

test("a message dated after the last day of all can be shown", async () => {
  const ctx = context();
  const [store, talk] = await greeted(ctx);
  const content: Content = { id: random(16), number: 1, sentAt: 2 ** 53 - 1, body: { is: "text", text: "x" } };
  await store.step((draft) => void apply(draft, ctx, talk.id, [{ is: "show", author: talk.host, content }]));
  const [shownOne] = store.look().all("message");
  assert.ok(shownOne);
  const entry = entryOf(store.look(), shownOne[1]);
  assert.equal(new Date(entry.sentAt).toISOString(), "+275760-09-13T00:00:00.000Z");
  assert.ok(hourOf({ language: "fr", zone: undefined, say: sayIn("fr") }, entry.sentAt));
});

test("S18: whatever goes wrong with what others sent, it is set aside, and stops nothing", async () => {
  const ctx = context();
  const [store, talk] = await greeted(ctx);
  await store.step((draft) => {
    // WebCrypto refuses such a key with an error of its own.
    const queue = { ...talk.queue, key: random(31) };
    draft.put("queue", named(queue.id), {
      ...{ queue, conversation: talk.id, state: "made", incarnation: 0, sequence: 0 },
    });
  });
  const handed = { position: { incarnation: 1, sequence: 1 }, envelope: random(ENVELOPE_BYTES) };
  await take(store, talk.queue.id, handed);
  assert.equal(store.look().get("queue", named(talk.queue.id))?.sequence, 1);
  assert.equal(store.look().all("message")[0]?.[1].notice?.what, "unreadable");
});
