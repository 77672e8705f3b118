/** A return: what somebody who lost their group's state sends, to come back (W35). */

import { Reader, WireError, Writer, concat, equal, type Bytes } from "./codec.ts";
import { Purpose, checkMac, mac, sign, verify } from "./signing.ts";
import { CONVERSATION_BYTES, KEY_PACKAGE_BYTES, SIGNATURE_BYTES, SIGNATURE_KEY_BYTES } from "./sizes.ts";

/** `head`: the number of the last message that the sender still knows from the reader. */
export interface Return {
  readonly conversation: Bytes;
  readonly sender: Bytes;
  readonly reader: Bytes;
  readonly succession: number;
  readonly sentAt: number;
  readonly head: number;
  readonly keyPackage: Bytes;
}

export function encodeReturn(value: Return): Bytes {
  const out = new Writer().uint(1, 1).fixed(value.conversation, CONVERSATION_BYTES);
  out.fixed(value.sender, SIGNATURE_KEY_BYTES).fixed(value.reader, SIGNATURE_KEY_BYTES);
  out.uint(value.succession, 4).uint(value.sentAt, 8).uint(value.head, 8);
  return out.opaque(value.keyPackage, KEY_PACKAGE_BYTES).done();
}

export function readReturn(source: Reader): Return {
  if (source.uint(1) !== 1) throw new WireError("a return of another version");
  return {
    conversation: source.fixed(CONVERSATION_BYTES),
    sender: source.fixed(SIGNATURE_KEY_BYTES),
    reader: source.fixed(SIGNATURE_KEY_BYTES),
    succession: source.uint(4),
    sentAt: source.uint(8),
    head: source.uint(8),
    keyPackage: source.opaque(KEY_PACKAGE_BYTES),
  };
}

export async function sealReturn(value: Return, seed: Bytes, recovery: Bytes): Promise<Bytes> {
  const body = encodeReturn(value);
  const signed = concat(body, await sign(seed, Purpose.return, body));
  return concat(signed, await mac(recovery, signed));
}

/** Throws `Forged` unless `sender` made it, for `reader`, holding the secret that the two share. */
export async function openReturn(sealed: Bytes, sender: Bytes, reader: Bytes, recovery: Bytes): Promise<Return> {
  const source = new Reader(sealed);
  const value = readReturn(source);
  const body = encodeReturn(value);
  const [signature, tag] = [source.fixed(SIGNATURE_BYTES), source.fixed(32)];
  source.end();
  await checkMac(recovery, concat(body, signature), tag);
  await verify(sender, Purpose.return, body, signature);
  if (!equal(value.sender, sender) || !equal(value.reader, reader)) {
    throw new WireError("a return of, or for, somebody else");
  }
  return value;
}
