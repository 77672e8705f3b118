/** What a relay says to a client over its WebSocket (`spec/relay.md` R4 to R23). */

import { Reader, WireError, Writer, oneOf, whole, type Bytes } from "../codec.ts";
import { ENVELOPE_BYTES, FRAME_BYTES } from "../sizes.ts";
import { readPosition, writePosition, type Position } from "./position.ts";

/** Why a command was refused. Senders see only `no` and `full`: the one for ever, the other for now. */
export const Code = { no: 1, full: 2, rate: 3, grant: 4, beyond: 5, bad: 6, closing: 7 } as const;
export type Code = (typeof Code)[keyof typeof Code];

export type Answer =
  | { readonly is: "done" }
  | { readonly is: "made"; readonly messages: number; readonly idleSeconds: number }
  | { readonly is: "accepted" }
  | { readonly is: "reading"; readonly handle: number; readonly confirmed: Position; readonly waiting: number }
  | { readonly is: "message"; readonly handle: number; readonly position: Position; readonly envelope: Bytes }
  | { readonly is: "taken-over"; readonly handle: number }
  | { readonly is: "confirmed"; readonly position: Position }
  /** `retryAfter` in milliseconds, 0 where trying again is of no use. */
  | { readonly is: "refused"; readonly code: Code; readonly retryAfter: number };

const FIRST_OP = 128;
const NAMES: readonly Answer["is"][] = [
  "done",
  "made",
  "accepted",
  "reading",
  "message",
  "taken-over",
  "confirmed",
  "refused",
];

/** `request`: the command's number; 0 for what comes unasked. */
export function encodeAnswer(request: number, answer: Answer): Bytes {
  const out = new Writer().uint(request, 4).uint(FIRST_OP + NAMES.indexOf(answer.is), 1);
  switch (answer.is) {
    case "made":
      return out.uint(answer.messages, 4).uint(answer.idleSeconds, 4).done();
    case "reading":
      return writePosition(out.uint(answer.handle, 4), answer.confirmed).uint(answer.waiting, 4).done();
    case "message":
      return writePosition(out.uint(answer.handle, 4), answer.position).fixed(answer.envelope, ENVELOPE_BYTES).done();
    case "taken-over":
      return out.uint(answer.handle, 4).done();
    case "confirmed":
      return writePosition(out, answer.position).done();
    case "refused":
      return out.uint(answer.code, 1).uint(answer.retryAfter, 4).done();
    case "done":
    case "accepted":
      return out.done();
  }
}

/** Throws `WireError`. */
export function decodeAnswer(frame: Uint8Array): readonly [number, Answer] {
  if (frame.length > FRAME_BYTES) throw new WireError("a frame is too long");
  return whole(frame, (source) => {
    const [request, op] = [source.uint(4), source.uint(1)];
    const is = NAMES[op - FIRST_OP];
    if (is === undefined) throw new WireError("a frame of an unknown answer");
    return [request, readAnswer(source, is)];
  });
}

function readAnswer(source: Reader, is: Answer["is"]): Answer {
  switch (is) {
    case "made":
      return { is, messages: source.uint(4), idleSeconds: source.uint(4) };
    case "reading":
      return { is, handle: source.uint(4), confirmed: readPosition(source), waiting: source.uint(4) };
    case "message":
      return { is, handle: source.uint(4), position: readPosition(source), envelope: source.fixed(ENVELOPE_BYTES) };
    case "taken-over":
      return { is, handle: source.uint(4) };
    case "confirmed":
      return { is, position: readPosition(source) };
    case "refused": {
      const code = oneOf(source.uint(1), Object.values(Code), "a refusal of an unknown kind");
      return { is, code, retryAfter: source.uint(4) };
    }
    case "done":
    case "accepted":
      return { is };
  }
}
