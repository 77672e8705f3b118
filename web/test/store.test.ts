/** Records: a step is kept as a whole or not at all, and values come back as they were. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { newKey, openRecord, sealRecord, type Backing, type Changes } from "../src/store/backing.ts";
import { Store, named } from "../src/store/store.ts";
import { decodeValue, encodeValue } from "../src/store/values.ts";
import { WireError, utf8, type Bytes } from "../src/wire/codec.ts";

/** Real sealing over a map: what a browser's database would hold. */
class MemoryBacking implements Backing {
  readonly lasting = true;
  readonly records = new Map<string, Bytes>();
  isFull = false;

  private constructor(private readonly key: CryptoKey) {}

  static async open(): Promise<MemoryBacking> {
    return new MemoryBacking(await newKey());
  }

  async all(): Promise<ReadonlyMap<string, Bytes>> {
    const opened = [...this.records].map(async ([name, data]) => [name, await openRecord(this.key, name, data)] as const);
    return new Map(await Promise.all(opened));
  }

  async write(changes: Changes): Promise<void> {
    if (this.isFull) throw new DOMException("full", "QuotaExceededError");
    for (const [name, value] of changes) {
      if (value === null) this.records.delete(name);
      else this.records.set(name, await sealRecord(this.key, name, value));
    }
  }

  async file(): Promise<undefined> {}
  async putFile(): Promise<void> {}
  async dropFile(): Promise<void> {}
  async wipe(): Promise<void> {
    this.records.clear();
  }
}

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
  await assert.rejects(store.step((draft) => draft.put("seen", "a", { at: 1 })), DOMException);
  assert.equal(store.look().get("seen", "a"), undefined);
  backing.isFull = false;
  await store.step((draft) => draft.put("seen", "c", { at: 3 }));
  const again = await Store.open(backing);
  assert.deepEqual(again.look().all("seen"), [["c", { at: 3 }]]);
});

test("steps run one after the other, and see what the one before did", async () => {
  const store = await Store.open(await MemoryBacking.open());
  const numbers = await Promise.all(Array.from({ length: 20 }, () => store.step((draft) => draft.next())));
  assert.deepEqual(numbers, Array.from({ length: 20 }, (_, at) => at + 1));
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
