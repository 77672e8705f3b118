/** The browser's Ed25519 and the one that stands in for it give the same signatures, and refuse the same. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { ed25519 } from "@noble/curves/ed25519.js";

import { publicKey, signBytes, signatureFits } from "../src/crypto/ed25519.ts";
import { random } from "../src/crypto/primitives.ts";
import { utf8 } from "../src/wire/codec.ts";

test("one signs, the other verifies", async () => {
  const [seed, data] = [random(32), utf8("words")];
  const [native, other] = [await signBytes(seed, data), ed25519.sign(data, seed)];
  assert.deepEqual([...native], [...other]);
  assert.ok(await signatureFits(publicKey(seed), data, other));
  assert.ok(ed25519.verify(native, data, publicKey(seed)));
});

test("what was changed, or is no key, does not fit", async () => {
  const [seed, data] = [random(32), utf8("words")];
  const signature = await signBytes(seed, data);
  assert.ok(!(await signatureFits(publicKey(seed), utf8("word"), signature)));
  assert.ok(!(await signatureFits(publicKey(random(32)), data, signature)));
  assert.ok(!(await signatureFits(new Uint8Array(31), data, signature)));
  assert.ok(!(await signatureFits(publicKey(seed), data, signature.slice(1))));
});
