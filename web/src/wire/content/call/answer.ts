/** The answer to an offer, of the same attempt and round (C8). */

import type { Bytes, Reader, Writer } from "../../codec.ts";
import { FINGERPRINT_BYTES, SDP_BYTES, readBound, writeBound, type Bound } from "./bound.ts";

/** `fingerprint`: SHA-256 of the certificate that the author's DTLS will show. */
export interface CallAnswer {
  readonly is: "call-answer";
  readonly bound: Bound;
  readonly fingerprint: Bytes;
  readonly sdp: string;
}

export const writeCallAnswer = (out: Writer, { bound, fingerprint, sdp }: CallAnswer): Writer =>
  writeBound(out, bound).fixed(fingerprint, FINGERPRINT_BYTES).text(sdp, SDP_BYTES);

export const readCallAnswer = (source: Reader): CallAnswer => ({
  is: "call-answer",
  bound: readBound(source),
  fingerprint: source.fixed(FINGERPRINT_BYTES),
  sdp: source.text(SDP_BYTES),
});
