/** The hello: the one message that whoever follows a link sends, sealed to the link's owner (W16 to W18). */

import { seal } from "../crypto/xwing.ts";
import { readOffer, writeOffer, type QueueOffer } from "./address.ts";
import { Reader, WireError, Writer, concat, whole, type Bytes } from "./codec.ts";
import { readProfile, writeProfile, type Profile } from "./profile.ts";
import { Purpose, labelled, mac, sign } from "./signing.ts";
import { CONVERSATION_BYTES, KEY_PACKAGE_BYTES, SIGNATURE_KEY_BYTES } from "./sizes.ts";

const FIRST_WORDS_BYTES = 8_192;

/** `sentAt` in milliseconds since the epoch; `conversation` is drawn by the newcomer. */
export interface Hello {
  readonly recipient: Bytes;
  readonly pin: Bytes;
  readonly signatureKey: Bytes;
  readonly conversation: Bytes;
  readonly sentAt: number;
  readonly profile: Profile;
  readonly queue: QueueOffer;
  readonly keyPackage: Bytes;
  readonly firstWords: string;
}

export function encodeHello(value: Hello): Bytes {
  const out = new Writer().uint(1, 1).fixed(value.recipient, SIGNATURE_KEY_BYTES).fixed(value.pin, 32);
  out.fixed(value.signatureKey, SIGNATURE_KEY_BYTES).fixed(value.conversation, CONVERSATION_BYTES);
  writeOffer(writeProfile(out.uint(value.sentAt, 8), value.profile), value.queue);
  return out.opaque(value.keyPackage, KEY_PACKAGE_BYTES).text(value.firstWords, FIRST_WORDS_BYTES).done();
}

export function decodeHello(data: Uint8Array): Hello {
  return whole(data, (source: Reader) => {
    if (source.uint(1) !== 1) throw new WireError("a hello of another version");
    return {
      recipient: source.fixed(SIGNATURE_KEY_BYTES),
      pin: source.fixed(32),
      signatureKey: source.fixed(SIGNATURE_KEY_BYTES),
      conversation: source.fixed(CONVERSATION_BYTES),
      sentAt: source.uint(8),
      profile: readProfile(source),
      queue: readOffer(source),
      keyPackage: source.opaque(KEY_PACKAGE_BYTES),
      firstWords: source.text(FIRST_WORDS_BYTES),
    };
  });
}

/** Signed with the leaf's `seed`, authenticated with the link's `secret`, sealed to `hpkeKey`. */
export async function sealHello(value: Hello, seed: Bytes, secret: Bytes, hpkeKey: Bytes): Promise<Bytes> {
  const body = encodeHello(value);
  const signed = concat(body, await sign(seed, Purpose.hello, body));
  return seal(hpkeKey, concat(signed, await mac(secret, signed)), labelled(Purpose.hello, value.pin));
}
