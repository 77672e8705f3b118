/** The rules of a call: (state, event, what is around) to (state, what is to be done) (`spec/calls.md`). No I/O, no clock. */

import { fromHex, hex } from "../wire/text.ts";
import { Why } from "../wire/content/call/hangUp.ts";
import type { Signal } from "../wire/content/call/signal.ts";
import { begin, heardAnswer, heardCandidates, heardOffer, heardRestart, linkTick, onConnection } from "./linking.ts";
import {
  FRESH,
  isIn,
  offers,
  others,
  withLink,
  type Around,
  type CallEffect,
  type CallEvent,
  type CallState,
  type CallStep,
  type Kept,
  type Link,
  type Over,
} from "./model.ts";

const RING_MS = 60_000;
const AGAIN_MS = 15_000;
/** How long a page that came back waits for somebody who is still in the call. */
const ALONE_MS = 30_000;

const sendAll = (to: readonly string[], signal: (key: string) => Signal): CallEffect[] =>
  to.map((key) => ({ is: "send", to: key, signal: signal(key) }));

const agreeing = (state: CallState) => (key: string): Signal => ({
  is: "agree",
  call: fromHex(state.id),
  to: fromHex(key),
  session: state.session,
  heard: state.links[key]?.heard ?? 0,
  media: state.media,
});

const ringingOf = (state: CallState) => (): Signal => ({
  is: "ring",
  call: fromHex(state.id),
  people: state.people.map(fromHex),
  video: state.video,
  telephone: state.telephone,
});

const hangingUp = (state: Pick<CallState, "id">, why: Why) => (): Signal => ({ is: "hang-up", call: fromHex(state.id), why });

const closeAll = (state: CallState): CallEffect[] =>
  Object.entries(state.links).flatMap(([peer, { attempt }]) => (attempt > 0 ? [{ is: "close", peer } as const] : []));

const over = (state: CallState, why: Over, told: readonly CallEffect[] = []): CallStep => [
  { ...state, phase: "over", why },
  [...closeAll(state), ...told],
];

const fresh = (people: readonly string[], me: string, now: number): CallState["links"] =>
  Object.fromEntries(people.filter((key) => key !== me).map((key) => [key, { ...FRESH, since: now }]));

type Any = CallState | null;

/** One thing that happens. An event that does not fit the state changes nothing. */
export function step(state: Any, event: CallEvent, around: Around): CallStep<Any> {
  const [after, effects] = change(state, event, around);
  if (after === null || after.phase === "over") return [after, effects];
  const left = others(after).map((key) => after.links[key]?.stage);
  const isForged = left.includes("refused") && left.every((stage) => stage === "refused" || stage === "gone");
  if (!isForged) return [after, effects];
  const [ended, more] = over(after, "forged");
  return [ended, [...effects, ...more]];
}

function change(state: Any, event: CallEvent, around: Around): CallStep<Any> {
  if (event.is === "heard") return heard(state, event.me, event.from, event.signal, around);
  if (state === null || state.phase === "over") {
    if (event.is === "call") return call(event, around);
    return event.is === "resume" ? resume(event.kept, event.media, around) : [state, []];
  }
  switch (event.is) {
    case "call":
    case "resume":
      return [state, []];
    case "agree":
      return state.phase === "asked" ? agree(state, event.media, around) : [state, []];
    case "decline":
      return over(state, "over", sendAll(others(state), hangingUp(state, Why.declined)));
    case "hang-up":
      return over(state, "over", sendAll(others(state), hangingUp(state, Why.over)));
    case "media": {
      const after = { ...state, media: event.media };
      return [after, isIn(after) ? sendAll(others(after).filter((key) => (after.links[key]?.heard ?? 0) > 0), agreeing(after)) : []];
    }
    case "invite":
      return state.me === state.ringer && isIn(state) ? invite(state, event.people, around) : [state, []];
    case "members":
      return members(state, around);
    case "tick":
      return tick(state, around);
    default:
      return onConnection(state, event, around);
  }
}

function call(event: CallEvent & { readonly is: "call" }, { now, members: all }: Around): CallStep<Any> {
  const { id, me, people, video, telephone, media } = event;
  const fits = people.length >= 2 && people.length <= 4 && people.includes(me) && people.every((key) => all.includes(key));
  if (!fits) return [null, []];
  const state: CallState = {
    ...{ id, me, ringer: me, people, video, telephone, media, phase: "ringing", why: null },
    ...{ session: now, since: now, links: fresh(people, me, now) },
  };
  const to = others(state);
  return [state, [...sendAll(to, ringingOf(state)), ...sendAll(to, agreeing(state))]];
}

function resume(kept: Kept, media: number, { now, members: all }: Around): CallStep<Any> {
  const people = kept.people.filter((key) => all.includes(key));
  if (people.length < 2 || !people.includes(kept.me)) return [null, []];
  const { id, me, ringer, video, telephone } = kept;
  const state: CallState = {
    ...{ id, me, ringer, people, video, telephone, media, phase: "in", why: null, since: now },
    // Also where this device's clock went back.
    session: Math.max(now, kept.session + 1),
    links: fresh(people, me, now),
  };
  return [state, sendAll(others(state), agreeing(state))];
}

function agree(state: CallState, media: number, { now }: Around): CallStep {
  let joined: CallState = { ...state, phase: "in", media, session: Math.max(now, state.session), since: now };
  const effects = sendAll(others(joined), agreeing(joined));
  for (const key of others(joined)) {
    if ((joined.links[key]?.heard ?? 0) === 0 || !offers(joined.me, key)) continue;
    const [begun, more] = begin(joined, key, now);
    joined = begun;
    effects.push(...more);
  }
  return [joined, effects];
}

/** The ringer says anew who is in the call. */
function invite(state: CallState, people: readonly string[], { now, members: all }: Around): CallStep {
  if (!people.includes(state.me) || people.length < 2 || people.length > 4 || !people.every((key) => all.includes(key))) return [state, []];
  const [after, effects] = withPeople(state, people, now);
  const gone = state.people.filter((key) => !people.includes(key));
  const came = others(after).filter((key) => !state.people.includes(key));
  const told = [...sendAll(others(after), ringingOf(after)), ...sendAll(came, agreeing(after))];
  return [after, [...effects, ...told, ...sendAll(gone, hangingUp(state, Why.over))]];
}

/** Others in the call than before: the ways to those who are gone are cut. */
function withPeople(state: CallState, people: readonly string[], now: number): CallStep {
  const links = Object.fromEntries(Object.entries({ ...fresh(people, state.me, now), ...state.links }).filter(([key]) => people.includes(key)));
  const gone = Object.entries(state.links).filter(([key, { attempt }]) => !people.includes(key) && attempt > 0);
  return [{ ...state, people, links }, gone.map(([peer]) => ({ is: "close", peer }))];
}

/** Who was taken out of the conversation is out of the call (C11). */
function members(state: CallState, { now, members: all }: Around): CallStep {
  if (!all.includes(state.me)) return over(state, "removed");
  const left = state.people.filter((key) => all.includes(key));
  if (left.length === state.people.length) return [state, []];
  if (left.length < 2) return over(state, "over");
  return withPeople(state, left, now);
}

function heard(state: Any, me: string, from: string, signal: Signal, around: Around): CallStep<Any> {
  if (!around.members.includes(from) || !around.members.includes(me) || from === me) return [state, []];
  if (signal.is === "ring") return heardRing(state, me, from, signal, around);
  if (signal.is === "presence" || signal.is === "word" || state === null) return [state, []];
  const [id, to] = "bound" in signal ? [signal.bound.call, signal.bound.to] : [signal.call, "to" in signal ? signal.to : fromHex(me)];
  if (hex(id) !== state.id || hex(to) !== me || !state.people.includes(from)) return [state, []];
  if (state.phase === "over") {
    // A page that came back to a call that is over here.
    return [state, signal.is === "agree" ? sendAll([from], hangingUp(state, Why.over)) : []];
  }
  switch (signal.is) {
    case "agree":
      return heardAgree(state, from, signal, around.now);
    case "call-offer":
      return heardOffer(state, from, signal, around.now);
    case "call-answer":
      return heardAnswer(state, from, signal, around.now);
    case "candidates":
      return heardCandidates(state, from, signal);
    case "restart":
      return heardRestart(state, from, signal, around.now);
    case "hang-up":
      return heardHangUp(state, from, signal.why, around.now);
  }
}

function heardRing(state: Any, me: string, from: string, ring: Signal & { readonly is: "ring" }, around: Around): CallStep<Any> {
  const [id, people] = [hex(ring.call), ring.people.map(hex)];
  if (!people.includes(from) || !people.every((key) => around.members.includes(key))) return [state, []];
  if (state !== null && state.id === id) {
    if (from !== state.ringer || state.phase === "over") return [state, []];
    if (!people.includes(me)) return over(state, "over");
    const [after, effects] = withPeople(state, people, around.now);
    const came = others(after).filter((key) => !state.people.includes(key));
    return [after, [...effects, ...(isIn(after) ? sendAll(came, agreeing(after)) : [])]];
  }
  if (!people.includes(me) || !around.mayRing(from)) return [state, []];
  const asked: CallState = {
    ...{ id, me, ringer: from, people, video: ring.video, telephone: ring.telephone, phase: "asked", why: null },
    ...{ session: around.now, media: 0, since: around.now },
    links: fresh(people, me, around.now),
  };
  if (state === null || state.phase === "over") {
    return around.isBusy ? [state, sendAll([from], hangingUp(asked, Why.busy))] : [asked, []];
  }
  const isCrossing = state.phase === "ringing" && state.people.length === people.length && people.every((key) => state.people.includes(key));
  if (!isCrossing) return [state, sendAll([from], hangingUp(asked, Why.busy))];
  // Both call each other: the smaller id stays, and who called has agreed.
  return id < state.id ? agree({ ...asked, session: state.session }, state.media, around) : [state, []];
}

function heardAgree(state: CallState, from: string, signal: Signal & { readonly is: "agree" }, now: number): CallStep {
  const link = state.links[from] ?? FRESH;
  // Who was not who they should be stays out of this call.
  if (link.stage === "refused") return [state, []];
  // Their device's clock went back: told so, they take a later session.
  if (signal.session < link.heard) return [state, isIn(state) ? sendAll([from], agreeing(state)) : []];
  const isAnew = signal.session > link.heard;
  const changes = isAnew
    ? { heard: signal.session, media: signal.media, stage: "idle" as const, since: now, tries: 0, fingerprint: "", away: null }
    : { media: signal.media };
  let after = withLink(state, from, changes);
  const effects: CallEffect[] = isAnew && link.attempt > 0 ? [{ is: "close", peer: from }] : [];
  if (!isIn(after)) return [after, effects];
  if (signal.heard > after.session) {
    // They know a later page of mine: this device's clock went back.
    after = { ...after, session: signal.heard + 1 };
    return [after, [...effects, ...sendAll(others(after), agreeing(after))]];
  }
  if (signal.heard !== after.session) effects.push(...sendAll([from], agreeing(after)));
  if (!offers(after.me, from) || (after.links[from] ?? FRESH).stage !== "idle") return [after, effects];
  const [begun, more] = begin(after, from, now);
  return [begun, [...effects, ...more]];
}

function heardHangUp(state: CallState, from: string, why: Why, now: number): CallStep {
  const link = state.links[from] ?? FRESH;
  const close: CallEffect[] = link.attempt > 0 ? [{ is: "close", peer: from }] : [];
  if (why === Why.forged) {
    return [withLink(state, from, { stage: "refused", since: now, heard: 0 }), close];
  }
  const away = why === Why.declined ? "declined" : why === Why.busy ? "busy" : null;
  const after = withLink(state, from, { ...FRESH, attempt: link.attempt, stage: "gone", since: now, away });
  if (from === state.ringer) return over(state, "over");
  const left = others(after).map((key) => after.links[key] ?? FRESH);
  if (left.every(({ stage }) => stage === "gone")) return over(after, left.find((one) => one.away)?.away ?? "over");
  return [after, close];
}

function tick(state: CallState, { now }: Around): CallStep {
  const links = others(state).map((key) => state.links[key] ?? FRESH);
  const isAlone = links.every(({ heard: session, stage }) => session === 0 && stage !== "refused");
  if (state.phase === "asked") return now - state.since > RING_MS ? over(state, "unanswered") : [state, []];
  if (isAlone && now - state.since > (state.phase === "ringing" ? RING_MS : ALONE_MS)) {
    return over(state, "unanswered", sendAll(others(state), hangingUp(state, Why.over)));
  }
  let [after, effects]: [CallState, CallEffect[]] = [state, []];
  for (const key of others(state)) {
    const link = state.links[key] ?? FRESH;
    const waits = link.heard === 0 && link.stage === "idle";
    const [next, more] = waits ? again(after, key, link, now) : linkTick(after, key, now);
    after = next;
    effects = [...effects, ...more];
  }
  return [after, effects];
}

/** Who has not agreed may not have heard of it, or their own word was lost: told again, in pauses that grow. */
function again(state: CallState, key: string, { since, tries }: Link, now: number): CallStep {
  if (now - since < AGAIN_MS * 2 ** Math.min(tries, 4)) return [state, []];
  const after = withLink(state, key, { since: now, tries: tries + 1 });
  const rings = state.ringer === state.me && now - state.since < RING_MS ? sendAll([key], ringingOf(state)) : [];
  return [after, [...rings, ...sendAll([key], agreeing(state))]];
}
