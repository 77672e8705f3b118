/** Any bytes give a value or a `WireError`, and a value encodes to the same bytes (`spec/wire.md` W2 to W4). */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { peek } from "../src/mls/group.ts";
import { decodeAddress, encodeAddress } from "../src/wire/address.ts";
import { decodeCard, encodeCard } from "../src/wire/card.ts";
import { WireError, equal, whole, type Bytes } from "../src/wire/codec.ts";
import { decodeContent, encodeContent } from "../src/wire/content/content.ts";
import { decodePart, encodePart } from "../src/wire/envelope.ts";
import { decodeAnswer, encodeAnswer } from "../src/wire/frames/answers.ts";
import { decodeCommand, encodeCommand } from "../src/wire/frames/commands.ts";
import { decodeHello, encodeHello } from "../src/wire/hello.ts";
import { decodeInvitation, encodeInvitation } from "../src/wire/invitation.ts";
import { encodeReturn, readReturn } from "../src/wire/returning.ts";
import { fromHex } from "../src/wire/text.ts";

const TRIES = 3_000;

const AGAIN: Record<string, (data: Bytes) => Bytes> = {
  address: (data) => encodeAddress(decodeAddress(data)),
  card: (data) => encodeCard(decodeCard(data)),
  content: (data) => encodeContent(decodeContent(data)),
  part: (data) => encodePart(decodePart(data)),
  answer: (data) => encodeAnswer(...decodeAnswer(data)),
  command: (data) => encodeCommand(...decodeCommand(data)),
  hello: (data) => encodeHello(decodeHello(data)),
  invitation: (data) => encodeInvitation(decodeInvitation(data)),
  return: (data) => encodeReturn(whole(data, readReturn)),
  mls: (data) => (peek(data), data),
};

/** Drawn from a fixed seed, so that what fails fails again. */
function drawn(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const { cases } = JSON.parse(readFileSync(`${import.meta.vectors}/wire.json`, "utf8")) as {
  cases: { readonly bytes?: string; readonly valid: boolean }[];
};
const good = cases.filter((one) => one.valid && one.bytes).map((one) => fromHex(one.bytes ?? ""));

function mutated(draw: (below: number) => number): Bytes {
  const from = good[draw(good.length)] ?? new Uint8Array(0);
  const data = draw(4) === 0 ? Uint8Array.from({ length: draw(200) }, () => draw(256)) : from.slice();
  for (let left = draw(4); left > 0 && data.length > 0; left -= 1) data[draw(Math.min(data.length, 300))] = draw(256);
  return draw(5) === 0 ? data.slice(0, draw(data.length + 1)) : data;
}

for (const [name, again] of Object.entries(AGAIN)) {
  test(`W2, W4 any bytes as ${name}`, () => {
    const draw = drawn(name.length);
    for (let at = 0; at < TRIES; at += 1) {
      const data = mutated(draw);
      try {
        assert.ok(equal(again(data), data), "it encodes to other bytes");
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
      }
    }
  });
}
