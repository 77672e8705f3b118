/** What a report begins with, and what the desk is given: nothing that nobody said is said. */

import assert from "node:assert/strict";
import { test } from "node:test";

import type { CallFacts } from "../src/call/facts.ts";
import { asAsked, beginning, correcting, localTime, resumed, type KeptReport } from "../src/desk/reporting.ts";
import type { DeskConversation } from "../src/desk/shapes.ts";
import { sayAtDesk } from "../src/desk/speech.ts";

const say = sayAtDesk("en");
const person = (key: string, verified: boolean) => ({ key, name: `Name ${key}`, verified });
const talk = (...people: object[]) => ({ id: "c", pair: people.length === 1, people }) as unknown as DeskConversation;
const BEGAN = new Date(2026, 10, 30, 23, 50).getTime();
const facts: CallFacts = {
  ...{ began: BEGAN, ended: BEGAN + 1_200_000, people: ["a"], soundOnly: false },
  incidents: ["line-lost", "line-lost", "something-new"],
};

test("without a call, nothing of when and how is assumed", () => {
  const begun = beginning(talk(person("a", false)), null, "id", say);
  assert.deepEqual([begun.name, begun.verified, begun.began, begun.ended, begun.held], ["Name a", false, "", "", ""]);
  const asked = asAsked(begun, "en") as Record<string, unknown>;
  assert.deepEqual([asked.began, asked.ended, asked.held], [null, null, null]);
  for (const name of ["acts", "prescriptions", "incidents"]) assert.deepEqual(asked[name], { none: false, text: "" });
});

test("of a call: when, who, how, and each incident once, in words", () => {
  const begun = beginning(talk(person("a", true), person("b", false)), facts, "id", say);
  assert.deepEqual([begun.name, begun.verified, begun.people, begun.held], ["", false, "Name a", "video"]);
  assert.equal(begun.began, localTime(BEGAN));
  assert.deepEqual(begun.incidents, { none: false, text: `${say("report_lineLost")}\nsomething-new` });
  assert.equal(beginning(talk(person("a", true)), { ...facts, soundOnly: true, incidents: [] }, "id", say).held, "sound");
  const asked = asAsked(begun, "fr") as Record<string, unknown>;
  assert.deepEqual([asked.began, asked.ended], [BEGAN, BEGAN + 1_200_000]);
});

test("none, once ticked, has no words", () => {
  const begun = { ...beginning(talk(), null, "id", say), acts: { none: true, text: "left over" } };
  assert.deepEqual((asAsked(begun, "en") as Record<string, unknown>).acts, { none: true, text: "" });
});

test("what was begun goes on, with what the call adds", () => {
  const draft = { ...beginning(talk(person("a", true)), null, "old", say), found: "begun", held: "sound" as const };
  const fresh = beginning(talk(person("a", true)), facts, "new", say);
  assert.equal(resumed(null, facts, fresh), fresh);
  assert.equal(resumed(draft, null, fresh), draft);
  const both = resumed(draft, facts, fresh);
  assert.deepEqual([both.id, both.found, both.held, both.call], ["old", "begun", "video", BEGAN]);
  const changed = { ...both, held: "sound" as const };
  assert.equal(resumed(changed, facts, fresh), changed, "of the same call: what was changed by hand stays");
});

test("a correction is another report", () => {
  const { acts } = beginning(talk(), null, "", say);
  const patient = { name: "A", born: "1948-03-01", verified: true };
  const report = { patient, people: ["x", "y"], began: BEGAN, ended: BEGAN, held: "video", found: "f", acts, prescriptions: acts, incidents: acts };
  const kept = { id: "one", madeAt: 0, corrects: null, name: "", report, sent: [] } as KeptReport;
  const begun = correcting(kept, "c", "two");
  assert.deepEqual([begun.id, begun.corrects, begun.to, begun.people], ["two", "one", ["c"], "x\ny"]);
});
