/** Somebody calls: who is to be in the call, and where to telephone if it does not come about (C4). */

import { WireError, type Bytes, type Reader, type Writer } from "../../codec.ts";
import { SIGNATURE_KEY_BYTES } from "../../sizes.ts";
import { hex } from "../../text.ts";
import { CALL_BYTES } from "./bound.ts";

export const IN_A_CALL = 4;
const TELEPHONE_BYTES = 40;

/** `people`: the signature keys of all who are in it, its author too. `video`: whether pictures are meant. `telephone`: a
number to call back, or empty. A later one of the same call says anew who is in it. */
export interface Ring {
  readonly is: "ring";
  readonly call: Bytes;
  readonly people: readonly Bytes[];
  readonly video: boolean;
  readonly telephone: string;
}

export function writeRing(out: Writer, value: Ring): Writer {
  check(value);
  out.fixed(value.call, CALL_BYTES).list(value.people, (w, key) => w.fixed(key, SIGNATURE_KEY_BYTES), IN_A_CALL);
  return out.flag(value.video).text(value.telephone, TELEPHONE_BYTES, 1);
}

export function readRing(source: Reader): Ring {
  const call = source.fixed(CALL_BYTES);
  const people = source.list((s) => s.fixed(SIGNATURE_KEY_BYTES), IN_A_CALL);
  const value: Ring = { is: "ring", call, people, video: source.flag(), telephone: source.text(TELEPHONE_BYTES, 1) };
  check(value);
  return value;
}

function check({ people, telephone }: Ring): void {
  if (people.length < 2 || new Set(people.map(hex)).size !== people.length) {
    throw new WireError("a call wants two to four people, none twice");
  }
  if (!/^[+0-9 ]*$/.test(telephone)) throw new WireError("a telephone number with other signs than digits");
}
