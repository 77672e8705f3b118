/** Key packages: what a member hands the host, so that it can be let into a group by a Welcome (S28). */

import { defaultCapabilities, generateKeyPackageWithKey } from "ts-mls";
import { encodeKeyPackage, makeKeyPackageRef } from "ts-mls/keyPackage.js";

import { publicKey } from "../crypto/ed25519.ts";
import { concat, type Bytes } from "../wire/codec.ts";
import { personId } from "../wire/signing.ts";
import { suite } from "./suite.ts";

const PACKAGE_DAYS = 60;
/** How far apart the clocks of two ends may be. */
const SKEW_DAYS = 7;
const DAY = 86_400;
const PRIVATE_BYTES = 32;

/** `secrets`: the private halves, of the package and of its leaf. */
export interface MadePackage {
  readonly ref: Bytes;
  readonly package: Bytes;
  readonly secrets: Bytes;
}

/** `seconds`: now. */
export async function newKeyPackage(seed: Bytes, seconds: number): Promise<MadePackage> {
  const impl = await suite();
  const key = publicKey(seed);
  const lifetime = {
    notBefore: BigInt(seconds - SKEW_DAYS * DAY),
    notAfter: BigInt(seconds + PACKAGE_DAYS * DAY),
  };
  const credential = { credentialType: "basic" as const, identity: await personId(key) };
  const keys = { signKey: seed, publicKey: key };
  const made = await generateKeyPackageWithKey(credential, defaultCapabilities(), lifetime, [], keys, impl);
  const { initPrivateKey, hpkePrivateKey } = made.privatePackage;
  return {
    ref: (await makeKeyPackageRef(made.publicPackage, impl.hash)) as Bytes,
    package: encodeKeyPackage(made.publicPackage) as Bytes,
    secrets: concat(initPrivateKey, hpkePrivateKey),
  };
}

export const splitSecrets = (secrets: Bytes): { readonly init: Bytes; readonly leaf: Bytes } => ({
  init: secrets.slice(0, PRIVATE_BYTES),
  leaf: secrets.slice(PRIVATE_BYTES),
});
