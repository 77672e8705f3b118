/** The waiting room, from where one waits (`spec/calls.md` C12, C13). */

import assert from "node:assert/strict";
import { test } from "node:test";

import { BELIEVED_MS, EMPTY, TELL_MS, heard, tick } from "../src/call/waiting.ts";
import { There } from "../src/wire/content/call/presence.ts";

const withSomeone = { is: "presence", there: There.withSomeone } as const;
const word = { is: "word", admitted: false, minutes: 10, text: "J'arrive" } as const;

test("C12 nothing is told to a practice that has not said that it is there", () => {
  assert.deepEqual(tick(EMPTY, true, 5), [EMPTY, null]);
});

test("C12 told when it changes, and again while one looks; believed for a while", () => {
  let [room, told] = tick(heard(EMPTY, true, withSomeone, 0), true, 0);
  assert.equal(told, There.here);
  [room, told] = tick(room, true, TELL_MS - 1);
  assert.equal(told, null);
  [room, told] = tick(room, true, TELL_MS);
  assert.equal(told, There.here);
  [room, told] = tick(room, false, TELL_MS + 1);
  assert.equal(told, There.away);
  [room, told] = tick(room, false, 2 * TELL_MS + 2);
  assert.deepEqual([room.there, told], [There.withSomeone, null]);
  [room, told] = tick(room, true, BELIEVED_MS + 1);
  assert.deepEqual([room.there, told], [null, null]);
});

test("C13 only the host's word counts", () => {
  assert.deepEqual(heard(EMPTY, false, word, 0), EMPTY);
  assert.deepEqual(heard(EMPTY, false, withSomeone, 0), EMPTY);
  assert.equal(heard(EMPTY, true, word, 0).word?.minutes, 10);
});
