/** What a personal link leads to: one invitation, for one person, pinned as a whole by the link (W14). */

import { readAddress, writeAddress, type QueueAddress } from "./address.ts";
import { Reader, WireError, Writer, whole, type Bytes } from "./codec.ts";
import { readProfile, writeProfile, type Profile } from "./profile.ts";
import { Purpose, checkDigest } from "./signing.ts";
import { GRANT_BYTES, SIGNATURE_KEY_BYTES, XWING_PUBLIC_BYTES } from "./sizes.ts";

/** `grant` lets whoever has no relay of their own make one queue at `queue.relay`; `notAfter` in seconds. */
export interface Invitation {
  readonly signatureKey: Bytes;
  readonly profile: Profile;
  readonly queue: QueueAddress;
  readonly hpkeKey: Bytes;
  readonly grant: Bytes;
  readonly notAfter: number;
  readonly salt: Bytes;
}

export function encodeInvitation(value: Invitation): Bytes {
  const out = new Writer().uint(1, 1).fixed(value.signatureKey, SIGNATURE_KEY_BYTES);
  writeAddress(writeProfile(out, value.profile), value.queue);
  out.fixed(value.hpkeKey, XWING_PUBLIC_BYTES).opaque(value.grant, GRANT_BYTES, 1);
  return out.uint(value.notAfter, 8).fixed(value.salt, 16).done();
}

export function decodeInvitation(data: Uint8Array): Invitation {
  return whole(data, (source: Reader) => {
    if (source.uint(1) !== 1) throw new WireError("an invitation of another version");
    return {
      signatureKey: source.fixed(SIGNATURE_KEY_BYTES),
      profile: readProfile(source),
      queue: readAddress(source),
      hpkeKey: source.fixed(XWING_PUBLIC_BYTES),
      grant: source.opaque(GRANT_BYTES, 1),
      notAfter: source.uint(8),
      salt: source.fixed(16),
    };
  });
}

/** The invitation has run out: its reader is told so kindly. */
export class Expired extends WireError {
  override readonly name = "Expired";
}

/** Throws `Forged` where it is not what the link pins, `Expired` where it has run out. `now` in seconds. */
export async function checkInvitation(value: Invitation, pin: Bytes, now: number): Promise<void> {
  await checkDigest(Purpose.invitation, encodeInvitation(value), pin);
  if (now > value.notAfter) throw new Expired("this invitation has expired: ask for a new one");
}
