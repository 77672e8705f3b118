/** `vectors/wire.json`: the same cases, good and bad, that Python reads (`spec/wire.md` W1 to W31, `spec/relay.md` R8). */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { publicKey } from "../src/crypto/ed25519.ts";
import { aesKey, aesOpen } from "../src/crypto/primitives.ts";
import { decodeAddress, encodeAddress } from "../src/wire/address.ts";
import { WireError, utf8, type Bytes } from "../src/wire/codec.ts";
import { decodeContent, encodeContent } from "../src/wire/content/content.ts";
import { chunkDelete, chunkKey, chunkRead, chunkWrite, type Document } from "../src/wire/content/document.ts";
import { decodePart, encodePart, openEnvelope } from "../src/wire/envelope.ts";
import { decodeAnswer, encodeAnswer } from "../src/wire/frames/answers.ts";
import { decodeCommand, encodeCommand } from "../src/wire/frames/commands.ts";
import { decodeLink, encodeLink, linkPsk, locator, sealKey } from "../src/wire/links.ts";
import { derive, safetyNumber, sign, verify, type Purpose } from "../src/wire/signing.ts";
import { fromHex, hex } from "../src/wire/text.ts";

declare global {
  interface ImportMeta {
    readonly vectors: string;
  }
}

interface Case {
  readonly kind: string;
  readonly clause: string;
  readonly valid: boolean;
  readonly bytes: string;
  readonly text: string;
  readonly fields: unknown;
  readonly [name: string]: unknown;
}

const { cases } = JSON.parse(readFileSync(`${import.meta.vectors}/wire.json`, "utf8")) as { cases: Case[] };
const part = (one: Case, name: string): Bytes => fromHex(String(one[name]));

const BOTH_WAYS: Record<string, (data: Bytes) => readonly [Bytes, unknown]> = {
  "queue address": (data) => [encodeAddress(decodeAddress(data)), decodeAddress(data)],
  content: (data) => [encodeContent(decodeContent(data)), decodeContent(data)],
  part: (data) => [encodePart(decodePart(data)), decodePart(data)],
  command: (data) => [encodeCommand(...decodeCommand(data)), decodeCommand(data)],
  answer: (data) => [encodeAnswer(...decodeAnswer(data)), decodeAnswer(data)],
};

/** Every leaf of a value, bytes in hexadecimal: what both languages can be held against each other by. */
function leaves(value: unknown): string[] {
  if (value instanceof Uint8Array) return [hex(value)];
  if (Array.isArray(value)) return value.flatMap(leaves);
  if (value !== null && typeof value === "object") {
    return Object.entries(value).flatMap(([name, inner]) => (name === "is" ? [] : leaves(inner)));
  }
  return [String(value)];
}

/** Python shows names of kinds where the wire has numbers. */
const SPOKEN = new Set(["hello", "mls", "return", "delivered", "read", "renew", "leave", "no", "full", "rate", "with_someone", "forged"]);

for (const [at, one] of cases.entries()) {
  const decode = BOTH_WAYS[one.kind];
  if (decode === undefined) continue;
  test(`${one.clause} ${one.kind} ${at} ${one.valid ? "is read" : `is refused: ${String(one["why"])}`}`, () => {
    if (!one.valid) {
      assert.throws(() => decode(fromHex(one.bytes)), WireError);
      return;
    }
    const [again, value] = decode(fromHex(one.bytes));
    assert.equal(hex(again), one.bytes);
    const mine = new Set(leaves(value));
    const missing = leaves(one.fields).filter((leaf) => !mine.has(leaf) && !SPOKEN.has(leaf));
    assert.deepEqual(missing, []);
  });
}

const OTHERS: Record<string, (one: Case) => Promise<void>> = {
  envelope: async (one) => {
    const opened = openEnvelope(part(one, "key"), fromHex(one.bytes));
    if (!one.valid) return assert.rejects(opened, WireError);
    assert.equal(hex((await opened).data), (one.fields as { data: string }).data);
  },
  link: async (one) => {
    if (!one.valid) {
      assert.throws(() => decodeLink(one.text), WireError);
      return;
    }
    const link = decodeLink(one.text);
    assert.equal(encodeLink(link), one.text);
    assert.equal(hex(await locator(link)), one["locator"]);
    assert.equal(hex(await sealKey(link)), one["seal_key"]);
    assert.equal(hex(await linkPsk(link)), one["psk"]);
  },
  signature: async (one) => {
    const [seed, data] = [part(one, "seed"), part(one, "data")];
    assert.equal(hex(publicKey(seed)), one["public_key"]);
    assert.equal(hex(await sign(seed, one["label"] as Purpose, data)), one.bytes);
    await verify(publicKey(seed), one["label"] as Purpose, data, fromHex(one.bytes));
    await assert.rejects(verify(publicKey(seed), "colloque 1 card", data, fromHex(one.bytes)), WireError);
  },
  "derived key": async (one) => {
    assert.equal(hex(await derive(part(one, "secret"), one["label"] as Purpose, part(one, "context"))), one.bytes);
  },
  "safety number": async (one) => {
    const [a, b] = (one["keys"] as string[]).map(fromHex);
    assert.ok(a && b);
    assert.equal(await safetyNumber(a, b), one.text);
    assert.equal(await safetyNumber(b, a), one.text);
  },
  chunk: async (one) => {
    const document = { secret: part(one, "secret"), deletion: part(one, "deletion") } as Document;
    const index = Number(one["index"]);
    assert.equal(hex(await chunkKey(document, index)), one["key"]);
    assert.equal(hex(await chunkRead(document, index)), one["read"]);
    assert.equal(hex(await chunkWrite(document, index)), one["write"]);
    assert.equal(hex(await chunkDelete(document, index)), one["delete"]);
    if (typeof one.bytes === "string") {
      await aesOpen(await aesKey(part(one, "key")), new Uint8Array(12), fromHex(one.bytes), utf8("colloque 1 chunk"));
    }
  },
};

for (const [at, one] of cases.entries()) {
  const check = OTHERS[one.kind];
  if (check !== undefined) test(`${one.clause} ${one.kind} ${at}`, () => check(one));
}

test("no kind of case goes unread", () => {
  const unread = cases.filter((one) => !(one.kind in BOTH_WAYS) && !(one.kind in OTHERS));
  assert.deepEqual([...new Set(unread.map((one) => one.kind))], []);
});
