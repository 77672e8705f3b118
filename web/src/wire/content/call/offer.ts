/** An offer of media: a description of one attempt, or of a later round of it (C7). */

import type { Bytes, Reader, Writer } from "../../codec.ts";
import { FINGERPRINT_BYTES, SDP_BYTES, readBound, writeBound, type Bound } from "./bound.ts";

/** `session`: the reader's, that this is for. `fingerprint`: SHA-256 of the certificate that the author's DTLS will show.
`sdp`: the browser's own text. */
export interface CallOffer {
  readonly is: "call-offer";
  readonly bound: Bound;
  readonly session: number;
  readonly fingerprint: Bytes;
  readonly sdp: string;
}

export const writeCallOffer = (out: Writer, { bound, session, fingerprint, sdp }: CallOffer): Writer =>
  writeBound(out, bound).uint(session, 8).fixed(fingerprint, FINGERPRINT_BYTES).text(sdp, SDP_BYTES);

export const readCallOffer = (source: Reader): CallOffer => ({
  is: "call-offer",
  bound: readBound(source),
  session: source.uint(8),
  fingerprint: source.fixed(FINGERPRINT_BYTES),
  sdp: source.text(SDP_BYTES),
});
