/** SHA-256, HKDF, HMAC and AES-GCM, all by WebCrypto, and what is drawn at random. */

import { WireError, type Bytes } from "../wire/codec.ts";

export type Random = (size: number) => Bytes;

export const random: Random = (size) => crypto.getRandomValues(new Uint8Array(size));

export async function sha256(data: Uint8Array): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data as Bytes));
}

export async function sha512(data: Uint8Array): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-512", data as Bytes));
}

/** HKDF-SHA256 without a salt. */
export async function hkdf(secret: Uint8Array, info: Uint8Array, length = 32): Promise<Bytes> {
  const key = await crypto.subtle.importKey("raw", secret as Bytes, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: info as Bytes };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 8 * length));
}

const hmacKey = (secret: Uint8Array, use: KeyUsage): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", secret as Bytes, { name: "HMAC", hash: "SHA-256" }, false, [use]);

export async function hmac(secret: Uint8Array, data: Uint8Array): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign("HMAC", await hmacKey(secret, "sign"), data as Bytes));
}

/** Compared by WebCrypto itself, in constant time. */
export async function hmacFits(secret: Uint8Array, data: Uint8Array, tag: Uint8Array): Promise<boolean> {
  return crypto.subtle.verify("HMAC", await hmacKey(secret, "verify"), tag as Bytes, data as Bytes);
}

/** Without leaving early where a byte differs. */
export function sameSecret(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length;
  for (let at = 0; at < one.length; at += 1) difference |= (one[at] ?? 0) ^ (other[at] ?? 0);
  return difference === 0;
}

export const aesKey = (key: Uint8Array): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", key as Bytes, "AES-GCM", false, ["encrypt", "decrypt"]);

export async function aesSeal(key: CryptoKey, nonce: Bytes, plain: Uint8Array, aad: Bytes): Promise<Bytes> {
  const how = { name: "AES-GCM", iv: nonce, additionalData: aad };
  return new Uint8Array(await crypto.subtle.encrypt(how, key, plain as Bytes));
}

/** Throws `WireError` where the tag does not fit. */
export async function aesOpen(key: CryptoKey, nonce: Bytes, sealed: Uint8Array, aad: Bytes): Promise<Bytes> {
  const how = { name: "AES-GCM", iv: nonce, additionalData: aad };
  try {
    return new Uint8Array(await crypto.subtle.decrypt(how, key, sealed as Bytes));
  } catch {
    throw new WireError("sealed bytes that this key does not open");
  }
}
