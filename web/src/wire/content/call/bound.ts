/** What binds a description or a candidate to one attempt of one call, from its author to one reader (C3). */

import type { Bytes, Reader, Writer } from "../../codec.ts";
import { SIGNATURE_KEY_BYTES } from "../../sizes.ts";

export const CALL_BYTES = 16;
export const FINGERPRINT_BYTES = 32;
export const SDP_BYTES = 12_288;

/** `to`: the signature key of the leaf it is for. `attempt` grows with every new connection, `round` with every ICE restart. */
export interface Bound {
  readonly call: Bytes;
  readonly to: Bytes;
  readonly attempt: number;
  readonly round: number;
}

export const writeBound = (out: Writer, { call, to, attempt, round }: Bound): Writer =>
  out.fixed(call, CALL_BYTES).fixed(to, SIGNATURE_KEY_BYTES).uint(attempt, 8).uint(round, 2);

export const readBound = (source: Reader): Bound => ({
  call: source.fixed(CALL_BYTES),
  to: source.fixed(SIGNATURE_KEY_BYTES),
  attempt: source.uint(8),
  round: source.uint(2),
});
