/** Ways to reach the author, found since the description was made, a few at a time (C9). */

import { WireError, type Reader, type Writer } from "../../codec.ts";
import { readBound, writeBound, type Bound } from "./bound.ts";

export const AT_ONCE = 32;
export const CANDIDATE_BYTES = 512;

/** `items`: (which media line of the description, the browser's own text). */
export interface Candidates {
  readonly is: "candidates";
  readonly bound: Bound;
  readonly items: readonly (readonly [number, string])[];
}

export function writeCandidates(out: Writer, value: Candidates): Writer {
  check(value);
  const items = writeBound(out, value.bound);
  return items.list(value.items, (w, [line, text]) => w.uint(line, 1).text(text, CANDIDATE_BYTES), AT_ONCE);
}

export function readCandidates(source: Reader): Candidates {
  const bound = readBound(source);
  const item = (s: Reader): readonly [number, string] => [s.uint(1), s.text(CANDIDATE_BYTES)];
  const value: Candidates = { is: "candidates", bound, items: source.list(item, AT_ONCE) };
  check(value);
  return value;
}

function check({ items }: Candidates): void {
  if (items.length === 0) throw new WireError("candidates, and none among them");
}
