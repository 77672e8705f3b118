/** French and English say the same things: the same words, with the same gaps. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { WORDS, sayIn, type Word } from "../src/ui/words.ts";

const gaps = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

for (const word of Object.keys(WORDS.fr) as Word[]) {
  test(`${word} is said in both languages`, () => {
    assert.deepEqual(gaps(WORDS.fr[word]), gaps(WORDS.en[word]));
    if (word !== "state_here") assert.ok(WORDS.fr[word] && WORDS.en[word]);
    if (!["title", "messages", "photo"].includes(word) && word !== "state_here") {
      assert.notEqual(WORDS.fr[word], WORDS.en[word], "one of the two was not translated");
    }
  });
}

test("gaps are filled, and French signs stay with their words", () => {
  assert.equal(sayIn("en")("invites", { name: "Dr Anne" }), "Dr Anne invites you to talk in private");
  assert.match(sayIn("fr")("urgent"), /urgence\u00a0\?/);
});
