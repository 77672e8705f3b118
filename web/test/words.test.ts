/** French and English say the same things: the same words, with the same gaps. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { DESK_WORDS } from "../src/desk/words.ts";
import { WORDS, sayIn, type Language } from "../src/ui/words.ts";

/** Said alike in both languages, or not at all. */
const ALIKE = ["title", "messages", "photo", "conversations"];
const gaps = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
const tables: Readonly<Record<string, Readonly<Record<Language, Readonly<Record<string, string>>>>>> = { patient: WORDS, desk: DESK_WORDS };

for (const [name, words] of Object.entries(tables)) {
  for (const [word, french] of Object.entries(words.fr)) {
    test(`${word} is said in both languages (${name})`, () => {
      const english = words.en[word];
      assert.ok(english !== undefined);
      assert.deepEqual(gaps(french), gaps(english));
      if (word === "state_here") return;
      assert.ok(french && english);
      if (!ALIKE.includes(word)) assert.notEqual(french, english, "one of the two was not translated");
    });
  }
}

test("gaps are filled, and French signs stay with their words", () => {
  assert.equal(sayIn("en")("invites", { name: "Dr Anne" }), "Dr Anne invites you to talk in private");
  assert.match(sayIn("fr")("urgent"), /urgence\u00a0\?/);
});
