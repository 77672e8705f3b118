/** The rules of a call, without a browser (`spec/calls.md` C3 to C11). */

import assert from "node:assert/strict";
import { test } from "node:test";

import { FRESH, offers, type Around, type CallEffect, type CallEvent, type CallState } from "../src/call/model.ts";
import { step } from "../src/call/rules.ts";
import { fingerprintOf, withLongPackets } from "../src/call/sdp.ts";
import { Why } from "../src/wire/content/call/hangUp.ts";
import type { Signal } from "../src/wire/content/call/signal.ts";
import { fromHex, hex } from "../src/wire/text.ts";

const [A, B, C, D] = ["0a", "0b", "0c", "0d"].map((one) => one.repeat(32)) as [string, string, string, string];
const CALL = "11".repeat(16);
const printed = (key: string): string => key.slice(0, 2).repeat(32);
const sdpOf = (fingerprint: string): string =>
  `v=0\r\na=fingerprint:sha-256 ${(fingerprint.match(/../g) ?? []).join(":").toUpperCase()}\r\n`;

/** Ends that hand their pieces to each other, as a conversation does; connections are told by hand, or by `connect`. */
class Room {
  now = 1_000_000;
  members: string[];
  readonly states = new Map<string, CallState | null>();
  readonly line: { from: string; to: string; signal: Signal }[] = [];
  readonly done: { at: string; effect: CallEffect }[] = [];
  mayRing: (at: string, key: string) => boolean = () => true;

  constructor(readonly people: readonly string[]) {
    this.members = [...people];
    for (const key of people) this.states.set(key, null);
  }

  around(at: string): Around {
    return { now: this.now, members: this.members, mayRing: (key) => this.mayRing(at, key), isBusy: false };
  }

  happen(at: string, event: CallEvent): void {
    const [after, effects] = step(this.states.get(at) ?? null, event, this.around(at));
    this.states.set(at, after);
    for (const effect of effects) {
      this.done.push({ at, effect });
      if (effect.is === "send") this.line.push({ from: at, to: effect.to, signal: effect.signal });
      else this.browser(at, effect);
    }
  }

  /** What a browser would answer: a description for what it is asked, under a certificate of its own. */
  browser(at: string, effect: CallEffect): void {
    const described = (peer: string, attempt: number, round: number): void =>
      this.happen(at, { is: "described", peer, attempt, round, fingerprint: printed(at), sdp: sdpOf(printed(at)) });
    if (effect.is === "open" && effect.offer) described(effect.peer, effect.attempt, 0);
    if (effect.is === "restart") described(effect.peer, effect.attempt, effect.round);
    if (effect.is === "take" && effect.kind === "offer") described(effect.peer, effect.attempt, effect.round);
  }

  hand(from: string, to: string, signal: Signal): void {
    this.happen(to, { is: "heard", me: to, from, signal });
  }

  /** Everything that is on its way, in the order of each author. */
  run(): void {
    for (let left = 500; this.line.length > 0 && left > 0; left -= 1) {
      const { from, to, signal } = this.line.shift() as (typeof this.line)[number];
      this.hand(from, to, signal);
    }
    assert.equal(this.line.length, 0, "they go on for ever");
  }

  state(at: string): CallState {
    const state = this.states.get(at);
    assert.ok(state);
    return state;
  }

  connect(one: string, other: string, certificate = printed): void {
    for (const [at, peer] of [[one, other], [other, one]] as const) {
      const attempt = this.state(at).links[peer]?.attempt ?? 0;
      this.happen(at, { is: "connected", peer, attempt, certificate: certificate(peer) });
    }
  }

  call(at: string): void {
    this.happen(at, { is: "call", id: CALL, me: at, people: this.people, video: true, telephone: "", media: 3 });
  }

  agree(...all: string[]): void {
    for (const at of all) this.happen(at, { is: "agree", media: 3 });
    this.run();
  }

  /** The effects of one kind at one end since the last look. */
  took<K extends CallEffect["is"]>(at: string, is: K): (CallEffect & { readonly is: K })[] {
    const found = this.done.filter((one) => one.at === at && one.effect.is === is);
    for (const one of found) this.done.splice(this.done.indexOf(one), 1);
    return found.map(({ effect }) => effect as CallEffect & { readonly is: K });
  }
}

function two(): Room {
  const room = new Room([A, B]);
  room.call(A);
  room.run();
  room.agree(B);
  room.connect(A, B);
  return room;
}

test("C4, C5, C7 two agree, the smaller key offers, and media flow only after that", () => {
  const room = new Room([A, B]);
  room.call(B);
  room.run();
  assert.equal(room.state(A).phase, "asked");
  assert.equal(room.took(A, "open").length + room.took(B, "open").length, 0, "nobody connects before both have agreed");
  room.agree(A);
  assert.equal(room.took(A, "open")[0]?.offer, true);
  assert.equal(room.took(B, "open")[0]?.offer, false);
  assert.equal(room.took(A, "admit").length, 0);
  room.connect(A, B);
  assert.equal(room.took(A, "admit").length, 1);
  assert.deepEqual([room.state(A).phase, room.state(B).phase], ["in", "in"]);
});

test("C4 a mesh of four: each pair has one offerer", () => {
  const room = new Room([A, B, C, D]);
  room.call(C);
  room.run();
  room.agree(D, A, B);
  for (const one of room.people) {
    const opened = room.took(one, "open");
    assert.deepEqual(new Set(opened.map(({ peer }) => peer)), new Set(room.people.filter((key) => key !== one)));
    for (const { peer, offer } of opened) assert.equal(offer, offers(one, peer));
  }
});

test("C4 whoever may not call is not put to anybody; nor a call with a stranger in it", () => {
  const room = new Room([A, B]);
  room.mayRing = () => false;
  room.call(A);
  room.run();
  assert.equal(room.states.get(B), null);
  room.mayRing = () => true;
  room.hand(A, B, { is: "ring", call: fromHex(CALL), people: [A, B, C].map(fromHex), video: true, telephone: "" });
  room.hand(C, B, { is: "ring", call: fromHex(CALL), people: [C, B].map(fromHex), video: true, telephone: "" });
  assert.equal(room.states.get(B), null);
});

test("C4 two who call each other come into one call", () => {
  const room = new Room([A, B]);
  room.call(A);
  room.happen(B, { is: "call", id: "22".repeat(16), me: B, people: [A, B], video: true, telephone: "", media: 3 });
  room.run();
  assert.deepEqual([room.state(A).id, room.state(B).id], [CALL, CALL]);
  room.connect(A, B);
  assert.equal(room.took(B, "admit").length, 1);
});

test("C4 nobody answers; and a third call while one is on", () => {
  const room = new Room([A, B]);
  room.call(A);
  room.run();
  room.now += 61_000;
  for (const at of [A, B]) room.happen(at, { is: "tick" });
  assert.deepEqual([room.state(A).why, room.state(B).why], ["unanswered", "unanswered"]);
  const busy = two();
  busy.hand(A, B, { is: "ring", call: fromHex("33".repeat(16)), people: [A, B].map(fromHex), video: true, telephone: "" });
  const told = busy.line.at(-1)?.signal;
  assert.ok(told?.is === "hang-up" && told.why === Why.busy);
});

test("C3, C8 what is bound to another call, reader, attempt, round or author is dropped", () => {
  const room = two();
  const { attempt } = room.state(A).links[B] ?? FRESH;
  const bound = { call: fromHex(CALL), to: fromHex(A), attempt, round: 1 };
  room.happen(A, { is: "lost", peer: B, attempt });
  room.line.length = 0;
  const answer = (changes: Partial<typeof bound>, from = B): void => {
    const before = room.state(A);
    const said = { fingerprint: fromHex(printed(B)), sdp: sdpOf(printed(B)) };
    room.hand(from, A, { is: "call-answer", bound: { ...bound, ...changes }, ...said });
    room.hand(from, A, { is: "candidates", bound: { ...bound, ...changes }, items: [[0, "candidate"]] });
    assert.deepEqual(room.state(A), before);
  };
  answer({ call: fromHex("44".repeat(16)) });
  answer({ to: fromHex(B) });
  answer({ attempt: attempt - 1 });
  answer({ attempt: attempt + 1 });
  answer({ round: 0 });
  answer({}, C);
  room.members.push(C);
  answer({}, C);
  assert.equal(room.took(A, "add").length, 0);
  room.hand(B, A, { is: "call-answer", bound, fingerprint: fromHex(printed(B)), sdp: sdpOf(printed(B)) });
  assert.equal(room.took(A, "take").at(-1)?.round, 1);
});

test("C7 an offer by whoever should answer, for an older page, or of an older attempt is dropped", () => {
  const room = two();
  const { attempt } = room.state(B).links[A] ?? FRESH;
  const said = { fingerprint: fromHex(printed(A)), sdp: sdpOf(printed(A)) };
  const offer = (from: string, to: string, at: number, session: number): number => {
    const bound = { call: fromHex(CALL), to: fromHex(to), attempt: at, round: 0 };
    room.took(to, "open");
    room.hand(from, to, { is: "call-offer", bound, session, ...said });
    return room.took(to, "open").length;
  };
  const { session } = room.state(B);
  assert.equal(offer(A, B, attempt, session), 0);
  assert.equal(offer(A, B, attempt - 1, session), 0);
  assert.equal(offer(A, B, attempt + 1, session - 1), 0);
  assert.equal(offer(B, A, attempt + 1, room.state(A).session), 0);
  assert.equal(offer(A, B, attempt + 1, session), 1);
});

test("C7, C10, C11 another fingerprint than the one that came by MLS refuses the call, and both are told", () => {
  const wrong = printed(D);
  const altered: ((room: Room) => void)[] = [
    (room) => room.connect(A, B, () => wrong),
    (room) => room.connect(A, B, () => ""),
    (room) => {
      const { attempt } = room.state(B).links[A] ?? FRESH;
      const bound = { call: fromHex(CALL), to: fromHex(B), attempt: attempt + 1, round: 0 };
      const { session } = room.state(B);
      room.hand(A, B, { is: "call-offer", bound, session, fingerprint: fromHex(printed(A)), sdp: sdpOf(wrong) });
    },
    (room) => {
      const { attempt } = room.state(B).links[A] ?? FRESH;
      const bound = { call: fromHex(CALL), to: fromHex(B), attempt, round: 1 };
      const { session } = room.state(B);
      room.hand(A, B, { is: "call-offer", bound, session, fingerprint: fromHex(wrong), sdp: sdpOf(wrong) });
    },
  ];
  for (const alter of altered) {
    const room = two();
    alter(room);
    room.run();
    assert.deepEqual([room.state(A).why, room.state(B).why], ["forged", "forged"]);
    assert.ok(room.took(A, "close").length > 0);
    room.agree(A, B);
    assert.equal(room.state(A).phase, "over", "it does not come back by itself");
  }
});

test("C7 every fingerprint in a description has to be the same SHA-256", () => {
  assert.equal(fingerprintOf(sdpOf(printed(A))), printed(A));
  assert.equal(fingerprintOf(sdpOf(printed(A)) + sdpOf(printed(A))), printed(A));
  assert.equal(fingerprintOf(sdpOf(printed(A)) + sdpOf(printed(B))), "");
  assert.equal(fingerprintOf(`${sdpOf(printed(A))}a=fingerprint:sha-1 AA:BB\r\n`), "");
  assert.equal(fingerprintOf("v=0\r\n"), "");
  // What this page does not take for one, a browser might.
  for (const odd of ["a=fingerprint:sha-256  AA:BB", "a=fingerprint:sha-256\tAA:BB", " a=fingerprint:sha-256 AA:BB", "A=FINGERPRINT:x"]) {
    assert.equal(fingerprintOf(`${sdpOf(printed(A))}${odd}\r\n`), "", odd);
  }
});

test("C14 longer packets for the sound alone, and the rest of a description as it came", () => {
  const sdp = "v=0\r\nm=audio 9\r\na=ptime:20\r\na=maxptime:20\r\na=mid:0\r\nm=video 9\r\na=mid:1\r\n";
  assert.equal(withLongPackets(sdp), "v=0\r\nm=audio 9\r\na=mid:0\r\na=ptime:40\r\nm=video 9\r\na=mid:1\r\n");
});

test("C5 a page that is opened anew is connected anew, whichever side it is", () => {
  for (const at of [A, B]) {
    const room = two();
    const other = at === A ? B : A;
    const before = room.state(other).links[at] ?? FRESH;
    const { id, me, ringer, people, video, telephone, session } = room.state(at);
    room.states.set(at, null);
    room.now += 5_000;
    const kept = { conversation: "", id, me, ringer, people, video, telephone, session, at: 0, noted: null };
    room.happen(at, { is: "resume", kept, media: 3 });
    room.run();
    const after = room.state(other).links[at] ?? FRESH;
    assert.ok(after.attempt > before.attempt && after.heard > before.heard);
    room.connect(A, B);
    assert.equal(room.took(at, "admit").length > 0, true);
  }
});

test("C5 a clock that went back does not lock anybody out", () => {
  const room = two();
  const { id, me, ringer, people, video, telephone } = room.state(B);
  room.states.set(B, null);
  room.now -= 3_600_000;
  room.happen(B, { is: "resume", kept: { conversation: "", id, me, ringer, people, video, telephone, session: 1, at: 0, noted: null }, media: 3 });
  room.run();
  room.connect(A, B);
  assert.equal(room.state(B).links[A]?.stage, "connected");
});

test("C10 either side loses the line: the next round, by the offerer", () => {
  for (const at of [A, B]) {
    const room = two();
    const other = at === A ? B : A;
    const { attempt } = room.state(at).links[other] ?? FRESH;
    room.happen(at, { is: "lost", peer: other, attempt });
    room.run();
    assert.equal(room.took(A, "restart")[0]?.round, 1);
    assert.equal(room.state(B).links[A]?.attempt, attempt);
    room.connect(A, B);
    assert.equal(room.state(A).links[B]?.stage, "connected");
  }
});

test("C10 what is not answered is begun anew, in pauses that grow", () => {
  const room = new Room([A, B]);
  room.call(A);
  room.run();
  room.happen(B, { is: "agree", media: 3 });
  room.line.splice(0).forEach(({ from, to, signal }) => room.hand(from, to, signal));
  room.line.length = 0;
  const attempts = [room.state(A).links[B]?.attempt ?? 0];
  const gaps: number[] = [];
  for (let seconds = 0, last = 0; seconds < 300; seconds += 1) {
    room.now += 1_000;
    room.happen(A, { is: "tick" });
    room.line.length = 0;
    const attempt = room.state(A).links[B]?.attempt ?? 0;
    if (attempt === attempts.at(-1)) continue;
    attempts.push(attempt);
    gaps.push(seconds - last);
    last = seconds;
  }
  assert.deepEqual(attempts, [...attempts].sort((a, b) => a - b));
  assert.ok(gaps.length >= 5 && gaps.length < 12, String(gaps));
  assert.ok((gaps.at(-1) ?? 0) > (gaps[0] ?? 0));
});

test("C11 who is taken out is cut off, on both sides", () => {
  const room = new Room([A, B, C]);
  room.call(A);
  room.run();
  room.agree(B, C);
  room.members = [A, C];
  for (const at of [A, B, C]) room.happen(at, { is: "members" });
  assert.equal(room.state(B).why, "removed");
  assert.equal(room.took(B, "close").length, 2);
  assert.deepEqual(room.took(A, "close"), [{ is: "close", peer: B }]);
  assert.deepEqual(room.state(A).people, [A, C]);
  const before = room.state(A);
  room.hand(B, A, { is: "agree", call: fromHex(CALL), to: fromHex(A), session: room.now + 9, heard: 0, media: 3 });
  assert.deepEqual(room.state(A), before);
});

test("C11 the one who called ends it for all; another one only for themself", () => {
  const room = new Room([A, B, C]);
  room.call(A);
  room.run();
  room.agree(B, C);
  room.happen(C, { is: "hang-up" });
  room.run();
  assert.deepEqual([room.state(A).phase, room.state(B).phase, room.state(C).phase], ["ringing", "in", "over"]);
  room.happen(A, { is: "hang-up" });
  room.run();
  assert.equal(room.state(B).phase, "over");
});

test("C4 the one who called says anew who is in it", () => {
  const room = new Room([A, B, C]);
  room.happen(A, { is: "call", id: CALL, me: A, people: [A, B], video: true, telephone: "", media: 3 });
  room.run();
  room.agree(B);
  room.happen(A, { is: "invite", people: [A, B, C] });
  room.run();
  room.agree(C);
  assert.ok((room.state(C).links[B]?.attempt ?? 0) > 0 && (room.state(B).links[C]?.attempt ?? 0) > 0);
  room.happen(A, { is: "invite", people: [A, C] });
  room.run();
  assert.equal(room.state(B).phase, "over");
  assert.deepEqual(room.state(C).people, [A, C]);
});

/** Drawn from a fixed seed, so that what fails fails again. */
function drawn(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test("C3 to C11 whatever happens in whatever order: attempts only grow, nobody outside is connected to, and it settles", () => {
  for (let seed = 0; seed < 300; seed += 1) {
    const draw = drawn(seed);
    const room = new Room([A, B, C]);
    const highest = new Map<string, number>();
    room.call(A);
    for (let left = 120; left > 0; left -= 1) {
      const at = room.people[draw(3)] ?? A;
      const peer = room.people[draw(3)] ?? B;
      const attempt = room.states.get(at)?.links[peer]?.attempt ?? 0;
      const what = draw(12);
      if (what < 6 && room.line.length > 0) {
        // Each author's pieces come in order to each reader; those of different authors in any.
        const first = room.line[draw(room.line.length)];
        const next = room.line.findIndex((one) => one.from === first?.from && one.to === first.to);
        const [one] = room.line.splice(next, 1);
        if (one && draw(8) > 0) room.hand(one.from, one.to, one.signal);
      } else if (what === 6) room.happen(at, { is: "agree", media: draw(8) });
      else if (what === 7) room.happen(at, { is: "lost", peer, attempt });
      else if (what === 8 && room.states.get(at)?.links[peer]?.stage === "answering") room.happen(at, { is: "connected", peer, attempt, certificate: printed(peer) });
      else if (what === 9) {
        room.now += draw(20_000);
        room.happen(at, { is: "tick" });
      } else if (what === 10) room.happen(at, { is: "media", media: draw(8) });
      else if (draw(20) === 0) room.happen(at, { is: "hang-up" });
      for (const { at: where, effect } of room.done.splice(0)) {
        if (effect.is !== "open") continue;
        const name = `${where} ${effect.peer}`;
        assert.ok(effect.attempt > (highest.get(name) ?? 0), "an attempt that does not grow");
        highest.set(name, effect.attempt);
        assert.ok(effect.peer !== where && room.people.includes(effect.peer));
      }
    }
    // From here on nothing is lost: whoever is in the call is connected in the end.
    for (let left = 40; left > 0; left -= 1) {
      room.run();
      for (const one of room.people) {
        for (const other of room.people) {
          const mine = room.states.get(one)?.links[other];
          const theirs = room.states.get(other)?.links[one];
          if (mine?.stage === "answering" && theirs?.stage === "answering" && mine.attempt === theirs.attempt) room.connect(one, other);
        }
      }
      room.now += 5_000;
      for (const at of room.people) room.happen(at, { is: "tick" });
      room.done.length = 0;
    }
    const live = room.people.filter((at) => room.states.get(at)?.phase === "in");
    for (const one of live) {
      for (const other of live) {
        const link = room.state(one).links[other];
        if (one !== other && link?.stage !== "gone") assert.equal(link?.stage, "connected", `seed ${seed}: ${JSON.stringify(link)}`);
      }
    }
    assert.equal(hex(fromHex(CALL)), CALL);
  }
});
