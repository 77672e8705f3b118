/** A card or an invitation as the relay holds it: of one size, under a key from the link's fragment (W15). */

import { aesKey, aesOpen } from "../crypto/primitives.ts";
import { Reader, WireError, utf8, type Bytes } from "./codec.ts";
import { Forged } from "./signing.ts";
import { CARD_BYTES } from "./sizes.ts";

const AAD = utf8("colloque 1 sealed card");
const ROOM = CARD_BYTES - 12 - 16 - 2;

/** Throws `Forged` where the link's key does not open it. */
export async function openCard(key: Bytes, sealed: Bytes): Promise<Bytes> {
  if (sealed.length !== CARD_BYTES) throw new WireError("a sealed card of the wrong size");
  let plain: Bytes;
  try {
    plain = await aesOpen(await aesKey(key), sealed.slice(0, 12), sealed.slice(12), AAD);
  } catch {
    throw new Forged("the relay served a card that this link does not open");
  }
  const source = new Reader(plain);
  const body = source.opaque(ROOM);
  if (source.rest().some((byte) => byte !== 0)) throw new WireError("a sealed card's padding is not zero");
  return body;
}
