/** A document's description: everything the reader needs to fetch, open and check it (W30 to W34). */

import { ORIGIN_BYTES, checkOrigin } from "../address.ts";
import { Reader, WireError, Writer, oneOf, type Bytes } from "../codec.ts";
import { Purpose, derive } from "../signing.ts";
import { CHUNK_SIZES } from "../sizes.ts";

export const NAME_BYTES = 1_024;
export const DOCUMENT_BYTES = 2 ** 31;
const TAG_BYTES = 16;
const AHEAD_BYTES = 16 * 2 ** 20;

/** `deletion` is empty where there are several readers. */
export interface Document {
  readonly is: "document";
  readonly name: string;
  readonly mediaType: string;
  readonly size: number;
  readonly sha256: Bytes;
  readonly relay: string;
  readonly chunkBytes: (typeof CHUNK_SIZES)[number];
  readonly secret: Bytes;
  readonly deletion: Bytes;
}

/** Bytes of the document in one chunk. */
export const chunkRoom = (value: Document): number => value.chunkBytes - TAG_BYTES;
export const chunkCount = (value: Document): number => Math.max(1, Math.ceil(value.size / chunkRoom(value)));
/** Whether the description may come before the chunks do (W34). */
export const isAhead = (value: Document): boolean => value.size > AHEAD_BYTES;

const place = (index: number): Bytes => new Writer().uint(index, 4).done();
export const chunkKey = (d: Document, index: number): Promise<Bytes> => derive(d.secret, Purpose.chunkKey, place(index));
export const chunkRead = (d: Document, index: number): Promise<Bytes> => derive(d.secret, Purpose.chunkRead, place(index));
export const chunkWrite = (d: Document, index: number): Promise<Bytes> =>
  derive(d.deletion, Purpose.chunkWrite, place(index));
export const chunkDelete = (d: Document, index: number): Promise<Bytes> =>
  derive(d.deletion, Purpose.chunkDelete, place(index));

export function writeDocument(out: Writer, value: Document): Writer {
  check(value);
  out.text(value.name, NAME_BYTES).text(value.mediaType, 255, 1).uint(value.size, 8).fixed(value.sha256, 32);
  out.text(checkOrigin(value.relay), ORIGIN_BYTES, 1).uint(value.chunkBytes, 4).fixed(value.secret, 32);
  return out.opaque(value.deletion, 32, 1);
}

export function readDocument(source: Reader): Document {
  const value: Document = {
    is: "document",
    name: source.text(NAME_BYTES),
    mediaType: source.text(255, 1),
    size: source.uint(8),
    sha256: source.fixed(32),
    relay: checkOrigin(source.text(ORIGIN_BYTES, 1)),
    chunkBytes: oneOf(source.uint(4), CHUNK_SIZES, "a document in chunks of an unknown size"),
    secret: source.fixed(32),
    deletion: source.opaque(32, 1),
  };
  check(value);
  return value;
}

function check(value: Document): void {
  if (!value.name || value.size > DOCUMENT_BYTES) throw new WireError("a document without a name, or too large");
  if (value.deletion.length !== 0 && value.deletion.length !== 32) {
    throw new WireError("a document's right to delete has the wrong length");
  }
}
