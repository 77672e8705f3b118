/** Ed25519 from a 32-byte seed: by WebCrypto, or by `@noble/curves` where the browser refuses it. */

import { ed25519 } from "@noble/curves/ed25519.js";

import { concat, type Bytes } from "../wire/codec.ts";
import { fromHex } from "../wire/text.ts";

/** What comes before the seed in PKCS #8 (RFC 8410, section 7): WebCrypto takes no bare private keys. */
const PKCS8_HEAD = fromHex("302e020100300506032b657004220420");

let known: Promise<boolean> | undefined;

/** Whether this browser signs and verifies with Ed25519 itself. Asked once. */
function native(): Promise<boolean> {
  known ??= (async () => {
    try {
      const seed = new Uint8Array(32);
      const signature = await nativeSign(seed, new Uint8Array(1));
      return await nativeVerify(ed25519.getPublicKey(seed) as Bytes, new Uint8Array(1), signature);
    } catch {
      return false;
    }
  })();
  return known;
}

async function nativeSign(seed: Uint8Array, data: Uint8Array): Promise<Bytes> {
  const key = await crypto.subtle.importKey("pkcs8", concat(PKCS8_HEAD, seed), "Ed25519", false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("Ed25519", key, data as Bytes));
}

async function nativeVerify(key: Uint8Array, data: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const imported = await crypto.subtle.importKey("raw", key as Bytes, "Ed25519", false, ["verify"]);
  return crypto.subtle.verify("Ed25519", imported, signature as Bytes, data as Bytes);
}

export function publicKey(seed: Uint8Array): Bytes {
  return ed25519.getPublicKey(seed) as Bytes;
}

export async function signBytes(seed: Uint8Array, data: Uint8Array): Promise<Bytes> {
  return (await native()) ? nativeSign(seed, data) : (ed25519.sign(data, seed) as Bytes);
}

/** False, too, where the key or the signature is malformed. RFC 8032's own rule, without the laxer ZIP 215. */
export async function signatureFits(key: Uint8Array, data: Uint8Array, signature: Uint8Array): Promise<boolean> {
  try {
    return (await native()) ? await nativeVerify(key, data, signature) : ed25519.verify(signature, data, key, { zip215: false });
  } catch {
    return false;
  }
}
