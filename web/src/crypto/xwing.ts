/** Sealing to an X-Wing key: HPKE base mode, HKDF-SHA512, AES-256-GCM, single-shot (`spec/wire.md` W6). */

import { Aes256Gcm, CipherSuite, HkdfSha512 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";

import { concat, type Bytes } from "../wire/codec.ts";
import { Forged } from "../wire/signing.ts";

const suite = (): CipherSuite => new CipherSuite({ kem: new XWing(), kdf: new HkdfSha512(), aead: new Aes256Gcm() });

/** The key's encapsulation and the ciphertext, one after the other; throws `Forged` where `key` is no usable key. */
export async function seal(key: Bytes, plain: Bytes, info: Bytes): Promise<Bytes> {
  try {
    const hpke = suite();
    const recipientPublicKey = await hpke.kem.deserializePublicKey(key.slice().buffer);
    const made = await hpke.seal({ recipientPublicKey, info: info.slice().buffer }, plain.slice().buffer);
    return concat(new Uint8Array(made.enc), new Uint8Array(made.ct));
  } catch {
    throw new Forged("a key to seal to is not usable");
  }
}
