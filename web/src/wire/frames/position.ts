/** Where a message lies in its queue: the relay's incarnation, and a number that grows within it (R8). */

import type { Reader, Writer } from "../codec.ts";

export interface Position {
  readonly incarnation: number;
  readonly sequence: number;
}

/** Before everything. */
export const START: Position = { incarnation: 0, sequence: 0 };

export const isBefore = (one: Position, other: Position): boolean =>
  one.incarnation < other.incarnation || (one.incarnation === other.incarnation && one.sequence < other.sequence);

export const writePosition = (out: Writer, value: Position): Writer =>
  out.uint(value.incarnation, 8).uint(value.sequence, 8);

export const readPosition = (source: Reader): Position => ({ incarnation: source.uint(8), sequence: source.uint(8) });
