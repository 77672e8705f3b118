/** The card that a public link leads to: a lasting part, pinned by the link, and a dated part, signed by the first (W13). */

import { readAddress, writeAddress, type QueueAddress } from "./address.ts";
import { Expired } from "./invitation.ts";
import { Reader, WireError, Writer, concat, whole, type Bytes } from "./codec.ts";
import { readProfile, writeProfile, type Profile } from "./profile.ts";
import { Purpose, checkDigest, digest, verify } from "./signing.ts";
import { SIGNATURE_BYTES, SIGNATURE_KEY_BYTES, XWING_PUBLIC_BYTES } from "./sizes.ts";

const DATED_DAYS = 14;

/** `notAfter` in seconds since the epoch; `serial` only grows. */
export interface Card {
  readonly signatureKey: Bytes;
  readonly contact: QueueAddress;
  readonly salt: Bytes;
  readonly serial: number;
  readonly notAfter: number;
  readonly profile: Profile;
  readonly hpkeKey: Bytes;
  readonly signature: Bytes;
}

function lasting(card: Card): Bytes {
  const out = new Writer().uint(1, 1).fixed(card.signatureKey, SIGNATURE_KEY_BYTES);
  return writeAddress(out, card.contact).fixed(card.salt, 16).done();
}

function dated(card: Card): Bytes {
  const out = new Writer().uint(card.serial, 8).uint(card.notAfter, 8);
  return writeProfile(out, card.profile).fixed(card.hpkeKey, XWING_PUBLIC_BYTES).done();
}

export function encodeCard(card: Card): Bytes {
  return new Writer().raw(lasting(card)).raw(dated(card)).fixed(card.signature, SIGNATURE_BYTES).done();
}

export function decodeCard(data: Uint8Array): Card {
  return whole(data, (source: Reader) => {
    if (source.uint(1) !== 1) throw new WireError("a card of another version");
    return {
      signatureKey: source.fixed(SIGNATURE_KEY_BYTES),
      contact: readAddress(source),
      salt: source.fixed(16),
      serial: source.uint(8),
      notAfter: source.uint(8),
      profile: readProfile(source),
      hpkeKey: source.fixed(XWING_PUBLIC_BYTES),
      signature: source.fixed(SIGNATURE_BYTES),
    };
  });
}

/** Throws `Forged` where it is not the pinned person's, `Expired` where it has run out, `WireError` where its date
is another that cannot be. `now` in seconds. */
export async function checkCard(card: Card, pin: Bytes, now: number): Promise<void> {
  await checkDigest(Purpose.lasting, lasting(card), pin);
  const signed = concat(await digest(Purpose.lasting, lasting(card)), dated(card));
  await verify(card.signatureKey, Purpose.card, signed, card.signature);
  if (now > card.notAfter) throw new Expired("this card is out of date: its owner has not renewed it");
  if (card.notAfter > now + (DATED_DAYS + 1) * 86_400) {
    throw new WireError("this card claims to be valid for longer than a card may be");
  }
}
