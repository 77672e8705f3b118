/** Words written to the conversation. */

import type { Reader, Writer } from "../codec.ts";

const TEXT_BYTES = 262_144;

export interface Text {
  readonly is: "text";
  readonly text: string;
}

export const text = (words: string): Text => ({ is: "text", text: words });
export const writeText = (out: Writer, value: Text): Writer => out.text(value.text, TEXT_BYTES, 4);
export const readText = (source: Reader): Text => text(source.text(TEXT_BYTES, 4));
