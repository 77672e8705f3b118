/** What became of messages at their reader, and the writer's own head (W27); and a message taken back. */

import { Reader, Writer, oneOf, type Bytes } from "../codec.ts";

export const RECEIPTS = 500;

export const Outcome = { delivered: 1, read: 2 } as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** `head`: the number of the last message that the writer of this sent. */
export interface Receipt {
  readonly is: "receipt";
  readonly items: readonly (readonly [Bytes, Outcome])[];
  readonly head: number;
}

export function writeReceipt(out: Writer, value: Receipt): Writer {
  return out.uint(value.head, 8).list(value.items, (w, [id, outcome]) => w.fixed(id, 16).uint(outcome, 1), RECEIPTS);
}

export function readReceipt(source: Reader): Receipt {
  const head = source.uint(8);
  const item = (r: Reader): readonly [Bytes, Outcome] => [
    r.fixed(16),
    oneOf(r.uint(1), Object.values(Outcome), "a receipt of an unknown kind"),
  ];
  return { is: "receipt", head, items: source.list(item, RECEIPTS) };
}

/** Takes an earlier message of the same author back: readers remove its text and its files. */
export interface Retraction {
  readonly is: "retraction";
  readonly target: Bytes;
}

export const writeRetraction = (out: Writer, value: Retraction): Writer => out.fixed(value.target, 16);
export const readRetraction = (source: Reader): Retraction => ({ is: "retraction", target: source.fixed(16) });
