/** What is told of a call when it is over. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { factsOf, note, type Noted } from "../src/call/facts.ts";
import { FRESH, withLink, type CallState, type Link } from "../src/call/model.ts";
import { Media } from "../src/wire/content/call/agree.ts";

const RINGING: CallState = {
  ...{ id: "11", me: "a", ringer: "a", people: ["a", "b", "c"], video: true, telephone: "", phase: "ringing", why: null },
  ...{ session: 1, media: 3, since: 0, links: { b: FRESH, c: FRESH } },
};

/** The states of a call one after the other, a second apart. */
function told(states: readonly CallState[], paused: readonly number[] = []) {
  let [noted, before]: [Noted | null, CallState | null] = [null, null];
  for (const [at, state] of states.entries()) {
    noted = note(noted, before, state, paused.includes(at), 1000 * (at + 1));
    before = state;
  }
  return factsOf(noted!, 9_000);
}

const b = (state: CallState, link: Partial<Link>): CallState => withLink({ ...state, phase: "in" }, "b", link);
const IN = b(RINGING, { stage: "connected", heard: 5, media: Media.sound + Media.picture });
const BOTH = withLink(IN, "c", { stage: "connected", media: Media.sound });

test("a call without incident says so", () => {
  assert.deepEqual(told([RINGING, IN, BOTH, { ...BOTH, phase: "over" }]), {
    ...{ began: 2_000, ended: 9_000, people: ["b", "c"], soundOnly: false, incidents: [] },
  });
});

test("who was called in vain is told, and when it rang", () => {
  const facts = told([RINGING, { ...RINGING, phase: "over", why: "unanswered" }]);
  assert.deepEqual(facts, { began: 1_000, ended: 9_000, people: [], soundOnly: true, incidents: ["not-reached"] });
});

test("incidents stand in their order, each as often as it happened", () => {
  const broken = b(BOTH, { stage: "broken" });
  const anew = b(BOTH, { stage: "idle", heard: 6 });
  const again = b(BOTH, { heard: 6 });
  const forged = b(BOTH, { stage: "refused" });
  const { incidents } = told([RINGING, BOTH, broken, broken, BOTH, anew, again, again, BOTH, forged, forged], [6, 7]);
  assert.deepEqual(incidents, ["line-lost", "page-reopened", "picture-paused", "refused-forged"]);
  assert.equal(told(Array.from({ length: 200 }, (_, at) => (at % 2 ? BOTH : broken))).incidents.length, 50);
});

test("a page of theirs that was opened anew is told as that, whether the line was seen to break first or not", () => {
  const broken = b(BOTH, { stage: "broken" });
  const anew = b(BOTH, { stage: "idle", heard: 6 });
  assert.deepEqual(told([RINGING, BOTH, broken, anew]).incidents, ["page-reopened"]);
  assert.deepEqual(told([RINGING, BOTH, broken, BOTH, anew]).incidents, ["line-lost", "page-reopened"]);
  assert.deepEqual(told([RINGING, b(RINGING, { heard: 5 }), BOTH]).incidents, []);
});

test("a page that was opened anew goes on with what was noted, and says so", () => {
  const noted = note(note(null, null, RINGING, false, 5), RINGING, BOTH, false, 6);
  const again = note(noted, null, { ...RINGING, phase: "in" }, false, 7);
  assert.deepEqual([again.began, again.people, again.incidents], [6, ["b", "c"], ["page-reopened"]]);
  assert.equal(note(noted, BOTH, { ...RINGING, id: "22" }, false, 8).began, 0);
});

test("sound alone is told as such: a screen or a picture that did not come is none", () => {
  assert.equal(told([RINGING, b(RINGING, { stage: "connected", media: Media.sound + Media.picture + Media.screen })]).soundOnly, true);
  assert.equal(told([RINGING, b(RINGING, { stage: "offering", media: Media.picture })]).soundOnly, true);
  assert.equal(told([RINGING, IN]).soundOnly, false);
});
