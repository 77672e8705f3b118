/** Signatures, hashes and derived keys, each bound to its purpose (`spec/wire.md` W5, S9). */

import { signatureFits, signBytes } from "../crypto/ed25519.ts";
import { hkdf, hmac, hmacFits, sameSecret, sha256, sha512 } from "../crypto/primitives.ts";
import { WireError, concat, utf8, type Bytes } from "./codec.ts";

/** A signature, a MAC or a pinned hash does not fit: somebody changed the bytes on their way. */
export class Forged extends WireError {
  override readonly name = "Forged";
}

/** Everything that is signed, hashed or derived here, by name. */
export const Purpose = {
  card: "colloque 1 card",
  hello: "colloque 1 hello",
  return: "colloque 1 return",
  lasting: "colloque 1 lasting part",
  invitation: "colloque 1 invitation",
  person: "colloque 1 person",
  safety: "colloque 1 safety number",
  locator: "colloque 1 locator",
  seal: "colloque 1 seal",
  mac: "colloque 1 mac",
  psk: "colloque 1 psk",
  chunkKey: "colloque 1 chunk key",
  chunkWrite: "colloque 1 chunk write",
  chunkRead: "colloque 1 chunk read",
  chunkDelete: "colloque 1 chunk delete",
} as const;
export type Purpose = (typeof Purpose)[keyof typeof Purpose];

export function labelled(purpose: Purpose, data: Uint8Array): Bytes {
  const label = utf8(purpose);
  return concat(Uint8Array.of(label.length), label, data);
}

export const sign = (seed: Uint8Array, purpose: Purpose, data: Uint8Array): Promise<Bytes> =>
  signBytes(seed, labelled(purpose, data));

/** Throws `Forged` where `signature` is not `key`'s over `data` for this purpose. */
export async function verify(key: Uint8Array, purpose: Purpose, data: Uint8Array, signature: Uint8Array): Promise<void> {
  if (!(await signatureFits(key, labelled(purpose, data), signature))) {
    throw new Forged(`a signature does not fit: ${purpose}`);
  }
}

export const digest = (purpose: Purpose, data: Uint8Array): Promise<Bytes> => sha256(labelled(purpose, data));

export async function checkDigest(purpose: Purpose, data: Uint8Array, expected: Uint8Array): Promise<void> {
  if (!sameSecret(await digest(purpose, data), expected)) throw new Forged(`a pinned hash does not fit: ${purpose}`);
}

export const derive = (secret: Uint8Array, purpose: Purpose, context: Uint8Array = new Uint8Array(0)): Promise<Bytes> =>
  hkdf(secret, labelled(purpose, context));

export async function mac(secret: Uint8Array, data: Uint8Array): Promise<Bytes> {
  return hmac(await derive(secret, Purpose.mac), data);
}

export async function checkMac(secret: Uint8Array, data: Uint8Array, tag: Uint8Array): Promise<void> {
  if (!(await hmacFits(await derive(secret, Purpose.mac), data, tag))) throw new Forged("a MAC does not fit");
}

/** The 32 bytes that name a person in every credential: the hash of their lasting signature key. */
export const personId = (signatureKey: Uint8Array): Promise<Bytes> => digest(Purpose.person, signatureKey);

/** Sixty digits in groups of five, the same at both ends, from both signature keys. */
export async function safetyNumber(one: Uint8Array, other: Uint8Array): Promise<string> {
  const sorted = [one, other].sort((a, b) => {
    const at = a.findIndex((byte, place) => byte !== b[place]);
    return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
  });
  const raw = await sha512(labelled(Purpose.safety, concat(...sorted)));
  const groups = Array.from({ length: 12 }, (_, group) =>
    raw.subarray(5 * group, 5 * group + 5).reduce((sum, byte) => sum * 256 + byte, 0),
  );
  return groups.map((group) => String(group % 100_000).padStart(5, "0")).join(" ");
}
