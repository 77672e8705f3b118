/** A host's word to whoever waits: admitted, or how much longer it takes (C13). */

import type { Reader, Writer } from "../../codec.ts";

export const WORD_BYTES = 500;

/** `minutes`: how long it still takes, 0 where that is not said. `text`: what is said beside, or empty. */
export interface Word {
  readonly is: "word";
  readonly admitted: boolean;
  readonly minutes: number;
  readonly text: string;
}

export const writeWord = (out: Writer, value: Word): Writer =>
  out.flag(value.admitted).uint(value.minutes, 2).text(value.text, WORD_BYTES);

export const readWord = (source: Reader): Word => ({
  is: "word",
  admitted: source.flag(),
  minutes: source.uint(2),
  text: source.text(WORD_BYTES),
});
