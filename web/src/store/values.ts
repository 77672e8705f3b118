/** Values of records as bytes and back: JSON in which bytes and large integers are marked. */

import { WireError, utf8, type Bytes } from "../wire/codec.ts";
import { base64url, fromBase64url } from "../wire/text.ts";

function marked(this: unknown, _name: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bytes: base64url(value) };
  if (typeof value === "bigint") return { $big: String(value) };
  return value;
}

function unmarked(_name: string, value: unknown): unknown {
  if (value === null || typeof value !== "object") return value;
  if ("$bytes" in value) return fromBase64url(String(value.$bytes));
  if ("$big" in value) return BigInt(String(value.$big));
  return value;
}

export const encodeValue = (value: unknown): Bytes => utf8(JSON.stringify(value, marked));

/** Throws `WireError`. */
export function decodeValue(data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data), unmarked);
  } catch {
    throw new WireError("a record that is none");
  }
}
