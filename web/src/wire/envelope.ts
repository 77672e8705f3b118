/** The envelope: 16,384 bytes, whatever it holds, sealed for one queue under a fresh nonce (W7 to W9). */

import { aesKey, aesOpen, aesSeal, type Random } from "../crypto/primitives.ts";
import { Reader, WireError, Writer, concat, equal, oneOf, utf8, whole, type Bytes } from "./codec.ts";
import { ENVELOPE_BYTES } from "./sizes.ts";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 24;
export const PART_BYTES = ENVELOPE_BYTES - NONCE_BYTES - TAG_BYTES - HEADER_BYTES;
export const PARTS = 64;
const AAD = utf8("colloque 1 envelope");

/** What a whole message is. */
export const Kind = { hello: 1, mls: 2, return: 3 } as const;
export type Kind = (typeof Kind)[keyof typeof Kind];
const KINDS = Object.values(Kind);

/** One part of a message: `index` of `total`. */
export interface Part {
  readonly kind: Kind;
  readonly id: Bytes;
  readonly index: number;
  readonly total: number;
  readonly data: Bytes;
}

/** The sealed envelope's plaintext, always of the same length. */
export function encodePart(part: Part): Bytes {
  checkPart(part);
  const out = new Writer().uint(1, 1).uint(part.kind, 1).fixed(part.id, 16);
  out.uint(part.index, 2).uint(part.total, 2).uint(part.data.length, 2);
  return out.raw(part.data).raw(new Uint8Array(PART_BYTES - part.data.length)).done();
}

export function decodePart(plain: Uint8Array): Part {
  const part = whole(plain, (source: Reader) => {
    if (source.uint(1) !== 1) throw new WireError("an envelope of another version");
    const kind = oneOf(source.uint(1), KINDS, "an envelope of an unknown kind or length");
    const [id, index, total, length] = [source.fixed(16), source.uint(2), source.uint(2), source.uint(2)];
    if (length > PART_BYTES) throw new WireError("an envelope of an unknown kind or length");
    const data = source.fixed(length);
    if (source.fixed(PART_BYTES - length).some((byte) => byte !== 0)) {
      throw new WireError("an envelope's padding is not zero");
    }
    return { kind, id, index, total, data };
  });
  checkPart(part);
  return part;
}

function checkPart(part: Part): void {
  const full = part.index < part.total - 1;
  if (part.total < 1 || part.total > PARTS || part.index < 0 || part.index >= part.total) {
    throw new WireError("a part's number is out of range");
  }
  const size = part.data.length;
  if (size > PART_BYTES || size === 0 || (full && size !== PART_BYTES)) throw new WireError("a part has the wrong length");
}

/** A message's parts, in order; throws `WireError` where it is empty or longer than `PARTS` parts. */
export function split(kind: Kind, id: Bytes, message: Bytes): Part[] {
  const total = Math.max(1, Math.ceil(message.length / PART_BYTES));
  if (total > PARTS) throw new WireError("a message is too long");
  return Array.from({ length: total }, (_, index) => {
    const part = { kind, id, index, total, data: message.slice(index * PART_BYTES, (index + 1) * PART_BYTES) };
    checkPart(part);
    return part;
  });
}

/** The message of all its parts, given in any order; throws `WireError` where they do not belong together. */
export function join(parts: readonly Part[]): Bytes {
  const ordered = [...parts].sort((a, b) => a.index - b.index);
  const first = ordered[0];
  const fits =
    first !== undefined &&
    ordered.length === first.total &&
    ordered.every((p, at) => p.index === at && p.kind === first.kind && p.total === first.total && equal(p.id, first.id));
  if (!fits) throw new WireError("parts that do not belong together");
  return concat(...ordered.map((part) => part.data));
}

/** The envelope, `ENVELOPE_BYTES` long. The nonce is drawn anew at each call. */
export async function sealEnvelope(key: Bytes, part: Part, random: Random): Promise<Bytes> {
  const nonce = random(NONCE_BYTES);
  return concat(nonce, await aesSeal(await aesKey(key), nonce, encodePart(part), AAD));
}

/** The part inside; throws `WireError` where the key does not fit or the content is malformed. */
export async function openEnvelope(key: Bytes, envelope: Bytes): Promise<Part> {
  if (envelope.length !== ENVELOPE_BYTES) throw new WireError("an envelope of the wrong size");
  const nonce = envelope.slice(0, NONCE_BYTES);
  return decodePart(await aesOpen(await aesKey(key), nonce, envelope.slice(NONCE_BYTES), AAD));
}
