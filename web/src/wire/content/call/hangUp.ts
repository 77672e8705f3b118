/** Somebody is not in a call any more, or does not come into it (C11). */

import { oneOf, type Bytes, type Reader, type Writer } from "../../codec.ts";
import { CALL_BYTES } from "./bound.ts";

/** `forged`: what connected was not what had come by MLS. */
export const Why = { over: 1, declined: 2, busy: 3, forged: 4 } as const;
export type Why = (typeof Why)[keyof typeof Why];

export interface HangUp {
  readonly is: "hang-up";
  readonly call: Bytes;
  readonly why: Why;
}

export const writeHangUp = (out: Writer, value: HangUp): Writer => out.fixed(value.call, CALL_BYTES).uint(value.why, 1);
export const readHangUp = (source: Reader): HangUp => ({
  is: "hang-up",
  call: source.fixed(CALL_BYTES),
  why: oneOf(source.uint(1), Object.values(Why), "an end of a call for an unknown reason"),
});
