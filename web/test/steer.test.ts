/** Sound first: when the picture gives way (`spec/calls.md` C14). */

import assert from "node:assert/strict";
import { test } from "node:test";

import { fresh, steer, type Sample, type Steer } from "../src/call/steer.ts";

function after(seconds: number, sample: Partial<Sample>, from: Steer = fresh(0), start = 0): Steer {
  let state = from;
  for (let at = 2; at <= seconds; at += 2) {
    state = steer(state, { available: 1_000_000, loss: 0, delayMs: 50, ...sample, now: start + 1000 * at });
  }
  return state;
}

test("C14 a good line keeps its picture", () => {
  assert.deepEqual([after(600, {}).picture, after(600, {}).quality], [true, "good"]);
  assert.equal(after(600, { available: null }).picture, true);
  assert.equal(after(600, { available: 310_000 }).picture, true);
  assert.equal(after(600, { loss: 0.05 }).quality, "fair");
  assert.equal(after(600, { delayMs: 700 }).quality, "fair");
});

test("C14 below 300 kbit/s, or where too much is lost, the picture is paused and it is said", () => {
  for (const poor of [{ available: 290_000 }, { loss: 0.2 }, { available: null, loss: 0.3 }]) {
    assert.deepEqual([after(20, poor).picture, after(20, poor).quality], [false, "weak"]);
  }
});

test("C14 neither a browser's first guess nor one bad look pauses it", () => {
  assert.equal(after(8, { available: 100_000 }).picture, true);
  const once = after(2, { available: 100_000 }, after(30, {}), 30_000);
  assert.equal(once.picture, true);
  assert.equal(after(4, {}, once, 32_000).poor, 0);
});

test("C14 where the sound itself is in danger the picture goes at once", () => {
  for (const dire of [{ available: 40_000 }, { loss: 0.5 }]) assert.equal(after(8, dire).picture, false);
});

test("C14 it is tried again after a rest, which grows while the line stays poor", () => {
  let [state, shown] = [fresh(0), 0];
  let pauses = 0;
  for (let at = 2; at <= 1_800; at += 2) {
    const next = steer(state, { now: 1000 * at, available: 100_000, loss: 0, delayMs: 50 });
    if (state.picture && !next.picture) pauses += 1;
    if (next.picture) shown += 2;
    state = next;
  }
  assert.ok(pauses >= 4 && pauses <= 14, String(pauses));
  assert.ok(shown < 250, String(shown));
  const again = after(300, {}, after(20, { available: 100_000 }), 20_000);
  assert.deepEqual([again.picture, again.quality], [true, "good"]);
});
