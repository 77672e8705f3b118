/** Where a sender writes: a relay, a capability to write there, and the key that seals what is written (W10, W11). */

import { Reader, WireError, Writer, whole, type Bytes } from "./codec.ts";
import { CAPABILITY_BYTES } from "./sizes.ts";
import { hex } from "./text.ts";

export const ORIGIN_BYTES = 255;
const QUEUE_KEY_BYTES = 32;

/** A relay's origin, `https://host[:port]` (or `http:` within one's own walls); throws `WireError`. */
export function checkOrigin(origin: string): string {
  const parts = /^(https?):\/\/(\[[0-9A-Fa-f:.]+\]|[^\s/?#@\\:[\]]+)(?::([0-9]{0,5}))?$/.exec(origin);
  const [, scheme, host, port] = parts ?? [];
  if (scheme === undefined || host === undefined || !/^[!-~]*$/.test(origin) || Number(port ?? 0) > 65_535) {
    throw new WireError("a relay's address looks like https://relay.example, with nothing after the name");
  }
  if (scheme === "http" && !isNear(host)) throw new WireError("a relay on the open network needs https");
  return origin;
}

/** On this machine, or in a private network. */
function isNear(host: string): boolean {
  if (host.startsWith("[")) return /^\[(::1|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:)/i.test(host);
  const four = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(host);
  if (four === null) return !host.includes(".") || /\.(localhost|local|internal|home\.arpa)$/.test(host);
  const [a, b] = [Number(four[1]), Number(four[2])];
  return a === 127 || a === 10 || (a === 192 && b === 168) || (a === 172 && b >= 16 && b < 32) || (a === 169 && b === 254);
}

/** One sender's way into one queue. */
export interface QueueAddress {
  readonly relay: string;
  readonly write: Bytes;
  readonly key: Bytes;
}

export function writeAddress(out: Writer, value: QueueAddress): Writer {
  out.text(checkOrigin(value.relay), ORIGIN_BYTES, 1);
  return out.fixed(value.write, CAPABILITY_BYTES).fixed(value.key, QUEUE_KEY_BYTES);
}

export function readAddress(source: Reader): QueueAddress {
  const relay = checkOrigin(source.text(ORIGIN_BYTES, 1));
  return { relay, write: source.fixed(CAPABILITY_BYTES), key: source.fixed(QUEUE_KEY_BYTES) };
}

export const encodeAddress = (value: QueueAddress): Bytes => writeAddress(new Writer(), value).done();
export const decodeAddress = (data: Uint8Array): QueueAddress => whole(data, readAddress);

/** A whole queue as its reader hands it to a host: the host gives each sender one of the capabilities. */
export interface QueueOffer {
  readonly relay: string;
  readonly key: Bytes;
  readonly writers: readonly Bytes[];
}

export function writeOffer(out: Writer, value: QueueOffer): Writer {
  out.text(checkOrigin(value.relay), ORIGIN_BYTES, 1).fixed(value.key, QUEUE_KEY_BYTES);
  return out.list(value.writers, (w, capability) => w.fixed(capability, CAPABILITY_BYTES), 64);
}

export function readOffer(source: Reader): QueueOffer {
  const relay = checkOrigin(source.text(ORIGIN_BYTES, 1));
  const key = source.fixed(QUEUE_KEY_BYTES);
  const writers = source.list((r) => r.fixed(CAPABILITY_BYTES), 64);
  if (writers.length === 0 || new Set(writers.map(hex)).size !== writers.length) {
    throw new WireError("a queue is offered without a capability, or with one twice");
  }
  return { relay, key, writers };
}
