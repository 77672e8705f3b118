/** Records: a step is kept as a whole or not at all, and values come back as they were. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { NotKept, newKey, openRecord, sealRecord } from "../src/store/backing.ts";
import { Store, named } from "../src/store/store.ts";
import { decodeValue, encodeValue } from "../src/store/values.ts";
import { WireError, utf8 } from "../src/wire/codec.ts";
import { MemoryBacking } from "./memory.ts";

test("values come back as they were", () => {
  const value = { a: Uint8Array.of(0, 255), b: [1, "é", null, true], c: { d: 2n ** 63n } };
  assert.deepEqual(decodeValue(encodeValue(value)), value);
  assert.throws(() => decodeValue(utf8("{")), WireError);
});

test("what a step that throws has changed is not there", async () => {
  const store = await Store.open(await MemoryBacking.open());
  await store.step((draft) => draft.put("seen", "a", { at: 1 }));
  const failing = store.step((draft) => {
    draft.put("seen", "b", { at: 2 });
    draft.delete("seen", "a");
    throw new WireError("no");
  });
  await assert.rejects(failing, WireError);
  assert.deepEqual(store.look().all("seen"), [["a", { at: 1 }]]);
});

test("what could not be written is not there either", async () => {
  const backing = await MemoryBacking.open();
  const store = await Store.open(backing);
  backing.isFull = true;
  await assert.rejects(store.step((draft) => draft.put("seen", "a", { at: 1 })), NotKept);
  assert.ok(store.isFull);
  assert.equal(store.look().get("seen", "a"), undefined);
  backing.isFull = false;
  await store.step((draft) => draft.put("seen", "c", { at: 3 }));
  const again = await Store.open(backing);
  assert.ok(!store.isFull);
  assert.deepEqual(again.look().all("seen"), [["c", { at: 3 }]]);
});

test("steps run one after the other, and see what the one before did", async () => {
  const store = await Store.open(await MemoryBacking.open());
  const numbers = await Promise.all(Array.from({ length: 20 }, () => store.step((draft) => draft.next())));
  assert.deepEqual(numbers, Array.from({ length: 20 }, (_, at) => at + 1));
});

test("what is closed keeps nothing more, whatever was under way", async () => {
  const backing = await MemoryBacking.open();
  const store = await Store.open(backing);
  const before = store.step((draft) => draft.put("seen", "a", { at: 1 }));
  const closing = store.close();
  const after = store.step((draft) => draft.put("seen", "b", { at: 2 }));
  await assert.rejects(after, NotKept);
  await assert.rejects(store.keepFile("file/a", utf8("x")), NotKept);
  await Promise.allSettled([before, closing]);
  const kept = backing.records.size;
  await backing.wipe();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(kept <= 1);
  assert.equal(backing.records.size, 0);
});

test("a record under another name, or changed, does not open", async () => {
  const key = await newKey();
  const sealed = await sealRecord(key, "talk/a", utf8("words"));
  await assert.rejects(openRecord(key, "talk/b", sealed), WireError);
  sealed[20] = (sealed[20] ?? 0) ^ 1;
  await assert.rejects(openRecord(key, "talk/a", sealed), WireError);
});

test("names sort as numbers do", () => {
  assert.ok(named(9) < named(10));
  assert.equal(named(Uint8Array.of(1, 171), 2), "01ab/000000000002");
});
