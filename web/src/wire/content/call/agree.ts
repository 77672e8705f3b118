/** Somebody agrees to be in a call, and says which of their devices are on (C5, C6). */

import { WireError, type Bytes, type Reader, type Writer } from "../../codec.ts";
import { SIGNATURE_KEY_BYTES } from "../../sizes.ts";
import { CALL_BYTES } from "./bound.ts";

export const Media = { sound: 1, picture: 2, screen: 4 } as const;

/** `session`: which opening of their page this is, only growing; `heard`: the reader's own that they know, 0 for none.
`media`: what they send, a sum of `Media`. */
export interface Agree {
  readonly is: "agree";
  readonly call: Bytes;
  readonly to: Bytes;
  readonly session: number;
  readonly heard: number;
  readonly media: number;
}

export function writeAgree(out: Writer, value: Agree): Writer {
  check(value);
  out.fixed(value.call, CALL_BYTES).fixed(value.to, SIGNATURE_KEY_BYTES);
  return out.uint(value.session, 8).uint(value.heard, 8).uint(value.media, 1);
}

export function readAgree(source: Reader): Agree {
  const value: Agree = {
    is: "agree",
    call: source.fixed(CALL_BYTES),
    to: source.fixed(SIGNATURE_KEY_BYTES),
    session: source.uint(8),
    heard: source.uint(8),
    media: source.uint(1),
  };
  check(value);
  return value;
}

function check({ session, media }: Agree): void {
  if (session === 0 || media > Media.sound + Media.picture + Media.screen) {
    throw new WireError("an agreement without a session, or with media that there are not");
  }
}
