/** Where sealed records lie: this device's IndexedDB, or this tab's own storage. Names are not secret; values are sealed. */

import { aesOpen, aesSeal, random } from "../crypto/primitives.ts";
import { concat, utf8, type Bytes } from "../wire/codec.ts";

/** This device takes no more, or its storage does not answer: nothing of the step is there. */
export class NotKept extends Error {
  override readonly name = "NotKept";
}

/** `null` deletes. */
export type Changes = ReadonlyMap<string, Bytes | null>;

export interface Backing {
  /** Whether what is kept outlives this tab. */
  readonly lasting: boolean;
  /** Whether more was kept once than is there now: the ratchets in it were used further. */
  readonly isBehind: boolean;
  all(): Promise<ReadonlyMap<string, Bytes>>;
  /** All of it, or nothing; when this resolves it is as durable as it can be here. May throw whatever its storage throws. */
  write(changes: Changes): Promise<void>;
  /** A document's bytes, kept apart from what is loaded at the start. */
  file(name: string): Promise<Bytes | undefined>;
  putFile(name: string, data: Bytes): Promise<void>;
  dropFile(name: string): Promise<void>;
  /** Everything goes, the key first. */
  wipe(): Promise<void>;
}

const NONCE_BYTES = 12;

/** A key that no script can read out. */
export const newKey = (): Promise<CryptoKey> =>
  crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);

/** Bound to its name, so that records cannot be exchanged for each other. */
export async function sealRecord(key: CryptoKey, name: string, plain: Bytes): Promise<Bytes> {
  const nonce = random(NONCE_BYTES);
  return concat(nonce, await aesSeal(key, nonce, plain, utf8(`colloque 1 record ${name}`)));
}

/** Throws `WireError`. */
export const openRecord = (key: CryptoKey, name: string, sealed: Bytes): Promise<Bytes> =>
  aesOpen(key, sealed.slice(0, NONCE_BYTES), sealed.slice(NONCE_BYTES), utf8(`colloque 1 record ${name}`));
