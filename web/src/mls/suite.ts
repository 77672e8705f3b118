/** Suite 83 for `ts-mls`: X-Wing, AES-256-GCM, SHA-512, Ed25519; the last by whatever this browser has (`crypto/ed25519.ts`). */

import { Aes256Gcm, CipherSuite, HkdfSha512 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";
import type { CiphersuiteImpl } from "ts-mls";
import { makeHashImpl } from "ts-mls/crypto/implementation/default/makeHashImpl.js";
import { makeKdfImpl } from "ts-mls/crypto/implementation/default/makeKdfImpl.js";
import { makeGenericHpke } from "ts-mls/crypto/implementation/hpke.js";

import { publicKey, signBytes, signatureFits } from "../crypto/ed25519.ts";
import { aesKey, aesOpen, aesSeal, random } from "../crypto/primitives.ts";
import { equal, utf8, type Bytes } from "../wire/codec.ts";

export const SUITE_NAME = "MLS_256_XWING_AES256GCM_SHA512_Ed25519";

const aead = {
  encrypt: async (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plain: Uint8Array) =>
    aesSeal(await aesKey(key), nonce as Bytes, plain, aad as Bytes),
  decrypt: async (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array) =>
    aesOpen(await aesKey(key), nonce as Bytes, sealed, aad as Bytes),
};

let made: Promise<CiphersuiteImpl> | undefined;

export function suite(): Promise<CiphersuiteImpl> {
  made ??= make();
  return made;
}

async function make(): Promise<CiphersuiteImpl> {
  const hpke = new CipherSuite({ kem: new XWing(), kdf: new HkdfSha512(), aead: new Aes256Gcm() });
  return {
    name: SUITE_NAME,
    rng: { randomBytes: random },
    hash: makeHashImpl(crypto.subtle, "SHA-512"),
    kdf: makeKdfImpl(new HkdfSha512()),
    hpke: await makeGenericHpke({ kem: "X-Wing", kdf: "HKDF-SHA512", aead: "AES256GCM" }, aead, hpke),
    signature: {
      sign: signBytes,
      verify: signatureFits,
      async keygen() {
        const signKey = random(32);
        return { signKey, publicKey: publicKey(signKey) };
      },
    },
  };
}

const GROUP_INFO = utf8("MLS 1.0 GroupInfoTBS");

/** The same, but no signature of a group's description fits unless it is `host`'s: `ts-mls` does not tell who signed it. */
export async function suiteOfHost(host: Bytes): Promise<CiphersuiteImpl> {
  const plain = await suite();
  const verify = async (key: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> => {
    // RFC 9420 5.1.2: a label is written before what is signed, with a length of one byte where it is this short.
    const isGroupInfo = equal(message.subarray(1, 1 + GROUP_INFO.length), GROUP_INFO);
    return (!isGroupInfo || equal(key, host)) && signatureFits(key, message, signature);
  };
  return { ...plain, signature: { ...plain.signature, verify } };
}
