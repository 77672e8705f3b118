/** Sound first: when the picture gives way on a poor line, and when it is tried again (C14). Rules only. */

/** One look at a line. `available`: bits a second that it seems to carry from here, `null` where the browser does not tell;
`loss`: the share of packets that do not arrive, from 0 to 1; `delayMs`: there and back. */
export interface Sample {
  readonly now: number;
  readonly available: number | null;
  readonly loss: number;
  readonly delayMs: number;
}

export type Quality = "good" | "fair" | "weak";

export interface Steer {
  readonly quality: Quality;
  /** Whether the picture is sent. */
  readonly picture: boolean;
  readonly since: number;
  readonly poor: number;
  /** How long the picture rests before it is tried again, in milliseconds. */
  readonly rest: number;
}

const PICTURE_BITS = 300_000;
const WORST_LOSS = 0.15;
const FAIR_LOSS = 0.03;
const FAIR_DELAY_MS = 400;
const POOR_LOOKS = 3;
/** A browser begins with a guess, and needs a while to find what a line carries. */
const LEARNING_MS = 8_000;
/** Where it was poor before, or the sound itself is in danger, less is borne. */
const DIRE_BITS = 100_000;
const DIRE_LOSS = 0.3;
const QUICK_LOOKS = 2;
const QUICK_MS = 2_000;
const FIRST_REST_MS = 30_000;
const LONGEST_REST_MS = 240_000;
const STEADY_MS = 60_000;

export const fresh = (now: number): Steer => ({ quality: "good", picture: true, since: now, poor: 0, rest: FIRST_REST_MS });

export function steer(before: Steer, { now, available, loss, delayMs }: Sample): Steer {
  const age = now - before.since;
  if (!before.picture) {
    if (age < before.rest) return before;
    return { ...before, quality: "fair", picture: true, since: now, poor: 0, rest: Math.min(LONGEST_REST_MS, 2 * before.rest) };
  }
  const isPoor = (available !== null && available < PICTURE_BITS) || loss > WORST_LOSS;
  const isDire = (available !== null && available < DIRE_BITS) || loss > DIRE_LOSS;
  const isQuick = before.rest > FIRST_REST_MS || isDire;
  const poor = isPoor && age > (isQuick ? QUICK_MS : LEARNING_MS) ? before.poor + 1 : 0;
  if (poor >= (isQuick ? QUICK_LOOKS : POOR_LOOKS)) return { ...before, quality: "weak", picture: false, since: now, poor: 0 };
  const isFair = isPoor || loss > FAIR_LOSS || delayMs > FAIR_DELAY_MS;
  const rest = age > STEADY_MS && !isPoor ? FIRST_REST_MS : before.rest;
  return { ...before, quality: isFair ? "fair" : "good", poor, rest };
}

/** Bits a second for each person's picture: a telephone sends its own to each of the others. */
export const pictureBits = (people: number): number => [900_000, 900_000, 500_000, 320_000][people] ?? 320_000;
/** For the sound: all of it from a line of 30 kbit/s, with what packets cost. */
export const soundBits = (picture: boolean): number => (picture ? 32_000 : 14_000);
