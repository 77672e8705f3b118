/** Whoever answers has lost the line, and asks whoever offers for the next round (C10). */

import type { Reader, Writer } from "../../codec.ts";
import { readBound, writeBound, type Bound } from "./bound.ts";

/** `bound.round`: the last that its author knows. */
export interface Restart {
  readonly is: "restart";
  readonly bound: Bound;
}

export const writeRestart = (out: Writer, value: Restart): Writer => writeBound(out, value.bound);
export const readRestart = (source: Reader): Restart => ({ is: "restart", bound: readBound(source) });
