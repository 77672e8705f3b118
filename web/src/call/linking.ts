/** The way to one person: offers and answers of one attempt, rounds of it, and what connected (C7 to C10). */

import { fromHex, hex } from "../wire/text.ts";
import type { Bound } from "../wire/content/call/bound.ts";
import { Why } from "../wire/content/call/hangUp.ts";
import type { Signal } from "../wire/content/call/signal.ts";
import {
  FRESH,
  isIn,
  offers,
  withLink,
  type Around,
  type CallEffect,
  type CallEvent,
  type CallState,
  type CallStep,
  type Link,
} from "./model.ts";
import { fingerprintOf } from "./sdp.ts";

const ANSWER_MS = 12_000;
const LONGEST_MS = 60_000;

const linkOf = (state: CallState, key: string): Link => state.links[key] ?? FRESH;
const bound = (state: CallState, to: string, { attempt, round }: Pick<Link, "attempt" | "round">): Bound => ({
  call: fromHex(state.id),
  to: fromHex(to),
  attempt,
  round,
});

/** A new connection, where this end offers and both have agreed. */
export function begin(state: CallState, peer: string, now: number): CallStep {
  const link = linkOf(state, peer);
  const attempt = Math.max(now, link.attempt + 1);
  const changes = { attempt, round: 0, stage: "offering", since: now, fingerprint: "" } as const;
  return [withLink(state, peer, changes), [{ is: "open", peer, attempt, offer: true }]];
}

/** What came is not bound to what this end and that person are at: it is dropped. */
const dropped = (state: CallState): CallStep => [state, []];

/** Somebody in between, or at the other end, is not who MLS says: no media, and both are told why. */
export function forged(state: CallState, peer: string, now: number): CallStep {
  const told: CallEffect = { is: "send", to: peer, signal: { is: "hang-up", call: fromHex(state.id), why: Why.forged } };
  return [withLink(state, peer, { stage: "refused", since: now, heard: 0 }), [{ is: "close", peer }, told]];
}

export function heardOffer(state: CallState, peer: string, signal: Signal & { readonly is: "call-offer" }, now: number): CallStep {
  const link = linkOf(state, peer);
  const { attempt, round } = signal.bound;
  const fingerprint = hex(signal.fingerprint);
  if (!isIn(state) || link.heard === 0 || offers(state.me, peer) || signal.session !== state.session) return dropped(state);
  const isNew = attempt > link.attempt && round === 0;
  const isLater = attempt === link.attempt && round > link.round;
  if (!isNew && !isLater) return dropped(state);
  // An ICE restart keeps the certificate: another one is another person.
  if (fingerprintOf(signal.sdp) !== fingerprint || (isLater && fingerprint !== link.fingerprint)) return forged(state, peer, now);
  const after = withLink(state, peer, { attempt, round, stage: "answering", since: now, fingerprint });
  const take: CallEffect = { is: "take", peer, attempt, round, kind: "offer", sdp: signal.sdp };
  return [after, isNew ? [{ is: "open", peer, attempt, offer: false }, take] : [take]];
}

export function heardAnswer(state: CallState, peer: string, signal: Signal & { readonly is: "call-answer" }, now: number): CallStep {
  const link = linkOf(state, peer);
  const { attempt, round } = signal.bound;
  const fingerprint = hex(signal.fingerprint);
  const isMine = offers(state.me, peer) && link.stage === "offering" && attempt === link.attempt && round === link.round;
  if (!isIn(state) || link.heard === 0 || !isMine) return dropped(state);
  const isOther = link.fingerprint !== "" && link.fingerprint !== fingerprint;
  if (fingerprintOf(signal.sdp) !== fingerprint || isOther) return forged(state, peer, now);
  const after = withLink(state, peer, { stage: "answering", since: now, fingerprint });
  return [after, [{ is: "take", peer, attempt, round, kind: "answer", sdp: signal.sdp }]];
}

export function heardCandidates(state: CallState, peer: string, { bound: b, items }: Signal & { readonly is: "candidates" }): CallStep {
  const link = linkOf(state, peer);
  const isOurs = link.heard > 0 && link.fingerprint !== "" && b.attempt === link.attempt && b.round === link.round;
  return isOurs ? [state, [{ is: "add", peer, attempt: link.attempt, items }]] : dropped(state);
}

export function heardRestart(state: CallState, peer: string, { bound: b }: Signal & { readonly is: "restart" }, now: number): CallStep {
  const link = linkOf(state, peer);
  const isOurs = offers(state.me, peer) && link.heard > 0 && b.attempt === link.attempt && b.round <= link.round;
  return isOurs && link.stage !== "offering" ? nextRound(state, peer, now) : dropped(state);
}

function nextRound(state: CallState, peer: string, now: number): CallStep {
  const { attempt, round } = linkOf(state, peer);
  const after = withLink(state, peer, { round: round + 1, stage: "offering", since: now });
  return [after, [{ is: "restart", peer, attempt, round: round + 1 }]];
}

/** What this end's own connections tell. */
export function onConnection(
  state: CallState,
  event: CallEvent & { readonly is: "described" | "found" | "connected" | "lost" },
  { now }: Around,
): CallStep {
  const { peer, attempt } = event;
  const link = linkOf(state, peer);
  if (!isIn(state) || link.heard === 0 || attempt !== link.attempt) return dropped(state);
  const send = (signal: Signal): CallEffect => ({ is: "send", to: peer, signal });
  switch (event.is) {
    case "described": {
      if (event.round !== link.round) return dropped(state);
      const said = { bound: bound(state, peer, link), fingerprint: fromHex(event.fingerprint), sdp: event.sdp };
      const isOffer = offers(state.me, peer);
      return [state, [send(isOffer ? { is: "call-offer", ...said, session: link.heard } : { is: "call-answer", ...said })]];
    }
    case "found":
      if (event.round !== link.round) return dropped(state);
      return [state, [send({ is: "candidates", bound: bound(state, peer, link), items: event.items })]];
    case "connected":
      if (link.fingerprint === "" || event.certificate !== link.fingerprint) return forged(state, peer, now);
      return [
        { ...withLink(state, peer, { stage: "connected", since: now, tries: 0 }), phase: "in" },
        [{ is: "admit", peer, attempt }],
      ];
    case "lost":
      if (link.stage !== "connected") return dropped(state);
      if (offers(state.me, peer)) return nextRound(state, peer, now);
      return [
        withLink(state, peer, { stage: "broken", since: now }),
        [send({ is: "restart", bound: bound(state, peer, link) })],
      ];
  }
}

/** Whatever takes too long is begun anew, in pauses that grow. */
export function linkTick(state: CallState, peer: string, now: number): CallStep {
  const link = linkOf(state, peer);
  if (!isIn(state) || link.heard === 0 || link.stage === "connected" || link.stage === "refused") return dropped(state);
  const patience = Math.min(LONGEST_MS, ANSWER_MS * (1 + link.tries));
  if (offers(state.me, peer)) {
    if (link.stage === "idle") return begin(state, peer, now);
    if (now - link.since < patience) return dropped(state);
    return begin(withLink(state, peer, { tries: link.tries + 1 }), peer, now);
  }
  if (now - link.since < patience) return dropped(state);
  const stirred = withLink(state, peer, { since: now, tries: link.tries + 1 });
  if (link.attempt === 0) return dropped(stirred);
  return [stirred, [{ is: "send", to: peer, signal: { is: "restart", bound: bound(state, peer, link) } }]];
}
