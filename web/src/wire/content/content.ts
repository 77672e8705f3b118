/** What an MLS application message holds: an id, a number, a time, and one of the kinds of body (W25, W26). */

import { Reader, WireError, Writer, whole, type Bytes } from "../codec.ts";
import { FIRST_SIGNAL, SIGNALS, SIGNAL_READERS, isSignal, writeSignal, type Signal } from "./call/signal.ts";
import { readDocument, writeDocument, type Document } from "./document.ts";
import { readReceipt, readRetraction, writeReceipt, writeRetraction, type Receipt, type Retraction } from "./receipt.ts";
import { readRoster, writeRoster, type Roster } from "./roster.ts";
import { readText, writeText, type Text } from "./text.ts";
import {
  readAsk,
  readOfferBody,
  readStated,
  readWish,
  writeAsk,
  writeOfferBody,
  writeStated,
  writeWish,
  type Ask,
  type Offer,
  type Stated,
  type Wish,
} from "./wishes.ts";

export type Body = Text | Document | Receipt | Retraction | Roster | Wish | Ask | Offer | Stated | Signal;

const NUMBERS: Record<Exclude<Body, Signal>["is"], number> = {
  text: 1,
  document: 2,
  receipt: 3,
  retraction: 4,
  roster: 5,
  wish: 6,
  ask: 7,
  offer: 8,
  stated: 9,
};
const READERS: ((source: Reader) => Body)[] = [
  readText,
  readDocument,
  readReceipt,
  readRetraction,
  readRoster,
  readWish,
  readAsk,
  readOfferBody,
  readStated,
];

/** `number` counts an author's messages to people from 1; 0 for the others. `sentAt` in milliseconds, by its author's clock. */
export interface Content {
  readonly id: Bytes;
  readonly number: number;
  readonly sentAt: number;
  readonly body: Body;
}

const numberOf = (body: Body): number =>
  isSignal(body) ? FIRST_SIGNAL + SIGNALS.indexOf(body.is) : NUMBERS[body.is];

export function encodeContent(value: Content): Bytes {
  const out = new Writer().uint(1, 1).uint(numberOf(value.body), 1).fixed(value.id, 16);
  return writeBody(out.uint(value.number, 8).uint(value.sentAt, 8), value.body).done();
}

function writeBody(out: Writer, body: Body): Writer {
  if (isSignal(body)) return writeSignal(out, body);
  switch (body.is) {
    case "text":
      return writeText(out, body);
    case "document":
      return writeDocument(out, body);
    case "receipt":
      return writeReceipt(out, body);
    case "retraction":
      return writeRetraction(out, body);
    case "roster":
      return writeRoster(out, body);
    case "wish":
      return writeWish(out, body);
    case "ask":
      return writeAsk(out, body);
    case "offer":
      return writeOfferBody(out, body);
    case "stated":
      return writeStated(out, body);
  }
}

export function decodeContent(data: Uint8Array): Content {
  return whole(data, (source) => {
    if (source.uint(1) !== 1) throw new WireError("content of another version");
    const kind = source.uint(1);
    const read = READERS[kind - 1] ?? SIGNAL_READERS[kind - FIRST_SIGNAL];
    if (read === undefined) throw new WireError("content of an unknown kind");
    return { id: source.fixed(16), number: source.uint(8), sentAt: source.uint(8), body: read(source) };
  });
}
