/** What a member asks of the host, and a host of somebody whom it would add (S15). */

import { ORIGIN_BYTES, checkOrigin, readOffer, writeOffer, type QueueOffer } from "../address.ts";
import { Reader, Writer, oneOf, type Bytes } from "../codec.ts";
import { NAME_BYTES, checkName, readProfile, writeProfile, type Profile } from "../profile.ts";
import { CONVERSATION_BYTES, GRANT_BYTES, KEY_PACKAGE_BYTES } from "../sizes.ts";

export const WishKind = { renew: 1, leave: 2 } as const;
export type WishKind = (typeof WishKind)[keyof typeof WishKind];

/** A member's: to renew its keys, with a fresh KeyPackage; or to leave, with none. */
export interface Wish {
  readonly is: "wish";
  readonly wish: WishKind;
  readonly keyPackage: Bytes;
}

export const writeWish = (out: Writer, value: Wish): Writer =>
  out.uint(value.wish, 1).opaque(value.keyPackage, KEY_PACKAGE_BYTES);

export function readWish(source: Reader): Wish {
  const wish = oneOf(source.uint(1), Object.values(WishKind), "an unknown wish");
  return { is: "wish", wish, keyPackage: source.opaque(KEY_PACKAGE_BYTES) };
}

/** A host's, in the conversation of two: come into the conversation `conversation`, called `name`. */
export interface Ask {
  readonly is: "ask";
  readonly conversation: Bytes;
  readonly name: string;
  readonly succession: number;
  readonly relay: string;
  readonly grant: Bytes;
}

export function writeAsk(out: Writer, value: Ask): Writer {
  out.fixed(value.conversation, CONVERSATION_BYTES).text(checkName(value.name), NAME_BYTES, 1).uint(value.succession, 4);
  return out.text(checkOrigin(value.relay), ORIGIN_BYTES, 1).opaque(value.grant, GRANT_BYTES, 1);
}

export function readAsk(source: Reader): Ask {
  return {
    is: "ask",
    conversation: source.fixed(CONVERSATION_BYTES),
    name: checkName(source.text(NAME_BYTES, 1)),
    succession: source.uint(4),
    relay: checkOrigin(source.text(ORIGIN_BYTES, 1)),
    grant: source.opaque(GRANT_BYTES, 1),
  };
}

/** The answer to an `Ask`: a fresh KeyPackage, and a queue made for that conversation. */
export interface Offer {
  readonly is: "offer";
  readonly conversation: Bytes;
  readonly succession: number;
  readonly queue: QueueOffer;
  readonly keyPackage: Bytes;
}

export function writeOfferBody(out: Writer, value: Offer): Writer {
  out.fixed(value.conversation, CONVERSATION_BYTES).uint(value.succession, 4);
  return writeOffer(out, value.queue).opaque(value.keyPackage, KEY_PACKAGE_BYTES);
}

export function readOfferBody(source: Reader): Offer {
  return {
    is: "offer",
    conversation: source.fixed(CONVERSATION_BYTES),
    succession: source.uint(4),
    queue: readOffer(source),
    keyPackage: source.opaque(KEY_PACKAGE_BYTES),
  };
}

/** A member's new name, profession or number. */
export interface Stated {
  readonly is: "stated";
  readonly profile: Profile;
}

export const writeStated = (out: Writer, value: Stated): Writer => writeProfile(out, value.profile);
export const readStated = (source: Reader): Stated => ({ is: "stated", profile: readProfile(source) });
