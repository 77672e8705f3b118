/** What people type or choose, as the wire takes it: otherwise it would stand in line for ever. */

import { utf8 } from "../wire/codec.ts";
import { NAME_BYTES } from "../wire/content/document.ts";

/** Without NUL, and with a mark for half a sign (W4). */
export const wellFormed = (text: string): string => new TextDecoder().decode(utf8(text)).replaceAll("\0", "");

/** A file's name as a document may be called; bounded. */
export function fileTitle(name: string): string {
  const signs = [...wellFormed(name).trim()];
  while (utf8(signs.join("")).length > NAME_BYTES) signs.pop();
  return signs.join("") || "document";
}
