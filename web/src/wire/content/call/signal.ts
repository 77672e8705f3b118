/** What calls are made of (C1): each is of use for a moment, and kept nowhere. */

import type { Reader, Writer } from "../../codec.ts";
import { readAgree, writeAgree, type Agree } from "./agree.ts";
import { readCallAnswer, writeCallAnswer, type CallAnswer } from "./answer.ts";
import { readCandidates, writeCandidates, type Candidates } from "./candidates.ts";
import { readHangUp, writeHangUp, type HangUp } from "./hangUp.ts";
import { readCallOffer, writeCallOffer, type CallOffer } from "./offer.ts";
import { readPresence, writePresence, type Presence } from "./presence.ts";
import { readRestart, writeRestart, type Restart } from "./restart.ts";
import { readRing, writeRing, type Ring } from "./ring.ts";
import { readWord, writeWord, type Word } from "./word.ts";

export type Signal = Ring | Agree | CallOffer | CallAnswer | Candidates | Restart | Presence | Word | HangUp;

/** How long one is of use, in milliseconds. */
export const SIGNAL_MS = 60_000;

/** In the order of their kinds, from the first. */
export const FIRST_SIGNAL = 16;
export const SIGNALS: readonly Signal["is"][] = [
  "ring",
  "agree",
  "call-offer",
  "call-answer",
  "candidates",
  "restart",
  "presence",
  "word",
  "hang-up",
];
export const SIGNAL_READERS: readonly ((source: Reader) => Signal)[] = [
  readRing,
  readAgree,
  readCallOffer,
  readCallAnswer,
  readCandidates,
  readRestart,
  readPresence,
  readWord,
  readHangUp,
];

export const isSignal = (body: { readonly is: string }): body is Signal => (SIGNALS as readonly string[]).includes(body.is);

export function writeSignal(out: Writer, body: Signal): Writer {
  switch (body.is) {
    case "ring":
      return writeRing(out, body);
    case "agree":
      return writeAgree(out, body);
    case "call-offer":
      return writeCallOffer(out, body);
    case "call-answer":
      return writeCallAnswer(out, body);
    case "candidates":
      return writeCandidates(out, body);
    case "restart":
      return writeRestart(out, body);
    case "presence":
      return writePresence(out, body);
    case "word":
      return writeWord(out, body);
    case "hang-up":
      return writeHangUp(out, body);
  }
}
