/** Cards and chunks at a relay, and what it says of itself, over plain HTTP (R2, R27 to R36). */

import { Writer, type Bytes } from "../wire/codec.ts";
import { Code } from "../wire/frames/answers.ts";
import { CARD_BYTES, CHUNK_SIZES, ENVELOPE_BYTES, HASH_BYTES } from "../wire/sizes.ts";
import { base64url } from "../wire/text.ts";
import { Refused, RelayError, Unreachable, UnsafeRelay } from "./errors.ts";

const DAY = 86_400;
const CODES: Readonly<Record<number, Code>> = {
  403: Code.grant,
  404: Code.no,
  409: Code.bad,
  429: Code.rate,
  503: Code.full,
};
const SMALL_MS = 30_000;
const CHUNK_MS = 300_000;

interface Call {
  readonly method: "GET" | "PUT" | "POST" | "DELETE" | "HEAD";
  readonly path: string;
  readonly capability?: Bytes;
  readonly body?: Bytes;
  /** The most that is taken in answer, in bytes. */
  readonly limit: number;
  readonly timeout?: number;
}

async function call(relay: string, { method, path, capability, body, limit, timeout }: Call): Promise<Bytes> {
  const headers: Record<string, string> = {};
  if (capability !== undefined) headers["Authorization"] = `Capability ${base64url(capability)}`;
  let response: Response;
  try {
    response = await fetch(relay + path, {
      method,
      headers,
      body: body ?? null,
      // What is shown to a relay is not for anybody it names.
      redirect: "error",
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(timeout ?? SMALL_MS),
    });
    if (!response.ok) throw refusal(response);
    return await bounded(response, limit);
  } catch (error) {
    if (error instanceof RelayError) throw error;
    throw new Unreachable("the relay does not answer");
  }
}

function refusal(response: Response): RelayError {
  const code = CODES[response.status];
  if (code === undefined) return new Unreachable(`the relay answered with status ${response.status}`);
  const after = /^\d{1,5}$/.exec(response.headers.get("Retry-After") ?? "");
  return new Refused(code, after ? 1000 * Number(after[0]) : 0);
}

async function bounded(response: Response, limit: number): Promise<Bytes> {
  if (Number(response.headers.get("Content-Length") ?? 0) > limit) throw new UnsafeRelay("the relay sends too much");
  const data = new Uint8Array(await response.arrayBuffer());
  if (data.length > limit) throw new UnsafeRelay("the relay sends more than was asked for");
  return data;
}

/** Whether anybody may make a queue there, without a grant. Throws `UnsafeRelay` where a relay's numbers are not safe for mail,
or it is none (R3). */
export async function checkRelay(relay: string): Promise<boolean> {
  const data = await call(relay, { method: "GET", path: "/v1/relay", limit: 65_536 });
  let said: Record<string, unknown>;
  try {
    said = JSON.parse(new TextDecoder().decode(data)) as Record<string, unknown>;
  } catch {
    throw new UnsafeRelay("that address is not a Colloque relay");
  }
  const atLeast = (name: string, least: number): boolean => {
    const value = said[name];
    return typeof value === "number" && value >= least;
  };
  const safe =
    said["colloque"] === 1 &&
    said["envelope_bytes"] === ENVELOPE_BYTES &&
    said["card_bytes"] === CARD_BYTES &&
    JSON.stringify(said["chunk_bytes"]) === JSON.stringify(CHUNK_SIZES) &&
    said["durability"] === "fsync" &&
    atLeast("queue_messages", 128) &&
    atLeast("message_age_s", 7 * DAY) &&
    atLeast("chunk_age_s", DAY) &&
    atLeast("card_age_s", DAY);
  if (!safe) throw new UnsafeRelay("this relay is none, of another version, or not safe for mail");
  return said["creation"] === "open";
}

/** The server that relays the media of calls, for whoever reads a queue there; an empty configuration where there is none (R40). */
export async function getTurn(relay: string, read: Bytes): Promise<RTCConfiguration> {
  const data = await call(relay, { method: "GET", path: "/v1/turn", capability: read, limit: 8_192 });
  if (data.length === 0) return {};
  let said: Partial<Record<string, unknown>>;
  try {
    said = JSON.parse(new TextDecoder().decode(data)) as Partial<Record<string, unknown>>;
  } catch {
    throw new UnsafeRelay("this relay's TURN server is none");
  }
  const { urls, username, credential, only } = said;
  const isText = (value: unknown): value is string => typeof value === "string" && value.length <= 300;
  const isUrl = (value: unknown): value is string => isText(value) && /^turns?:/.test(value);
  const fits = Array.isArray(urls) && urls.length > 0 && urls.length <= 8 && urls.every(isUrl);
  if (!fits || !isText(username) || !isText(credential)) throw new UnsafeRelay("this relay's TURN server is none");
  return { iceServers: [{ urls, username, credential }], iceTransportPolicy: only === true ? "relay" : "all" };
}

export const getCard = (relay: string, locator: Bytes): Promise<Bytes> =>
  call(relay, { method: "GET", path: "/v1/cards", capability: locator, limit: CARD_BYTES });

export interface ChunkRights {
  readonly write: Bytes;
  /** The read capability of a queue at that relay, which bears the bytes on its account. */
  readonly authority: Bytes;
  readonly readHash: Bytes;
  readonly deleteHash: Bytes;
}

export async function putChunk(relay: string, rights: ChunkRights, seconds: number, sealed: Bytes): Promise<void> {
  const head = new Writer().fixed(rights.authority, 32).fixed(rights.readHash, HASH_BYTES);
  const body = head.fixed(rights.deleteHash, HASH_BYTES).uint(seconds, 4).raw(sealed).done();
  await call(relay, { method: "PUT", path: "/v1/chunks", capability: rights.write, body, limit: 0, timeout: CHUNK_MS });
}

export const getChunk = (relay: string, read: Bytes, size: number): Promise<Bytes> =>
  call(relay, { method: "GET", path: "/v1/chunks", capability: read, limit: size, timeout: CHUNK_MS });

export async function deleteChunk(relay: string, capability: Bytes): Promise<void> {
  await call(relay, { method: "DELETE", path: "/v1/chunks", capability, limit: 0 });
}
