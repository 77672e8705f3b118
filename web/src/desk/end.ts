/** The practitioner's end: the desk on this computer has the keys and the messages; this page only shows them. */

import { EndError, type End, type Entry, type Page } from "../end.ts";
import { ask, get, post, request } from "./api.ts";
import { Changes } from "./changes.ts";
import { entryOf, type DeskConversation, type Found, type SentEntry } from "./shapes.ts";

const TEXT_BYTES = 65_536;
const DOCUMENT_BYTES = 2 ** 31;
/** What the desk gives at once. */
const HISTORY = 200;

const at = (conversation: string, rest = ""): string => `/api/conversations/${conversation}${rest}`;

export class DeskEnd implements End {
  constructor(private readonly changes: Changes) {}

  async list(): Promise<DeskConversation[]> {
    const all = await get<(Omit<DeskConversation, "last"> & { readonly last: SentEntry | null })[]>("/api/conversations");
    return all.map((one) => ({ ...one, last: one.last && entryOf(one.last) }));
  }

  async history(conversation: string, { before, around, limit }: Page): Promise<Entry[]> {
    if (around !== undefined) {
      const found = await get<SentEntry[]>(at(conversation, `/history?around=${around}&limit=${Math.min(limit, HISTORY)}`));
      return found.map(entryOf);
    }
    let [found, start]: [SentEntry[], string | undefined] = [[], before];
    while (found.length < limit) {
      const some = Math.min(limit - found.length, HISTORY);
      const query = start === undefined ? "" : `&before=${start}`;
      const more = await get<SentEntry[]>(at(conversation, `/history?limit=${some}${query}`));
      found = [...more, ...found];
      start = more[0]?.id;
      if (more.length < some) break;
    }
    return found.map(entryOf);
  }

  async send(conversation: string, text: string): Promise<void> {
    if (text.trim() === "") throw new EndError("empty");
    if (new TextEncoder().encode(text).length > TEXT_BYTES) throw new EndError("too-long");
    await post(at(conversation, "/messages"), { text, key: crypto.randomUUID() });
  }

  async attach(conversation: string, file: File): Promise<void> {
    if (file.size > DOCUMENT_BYTES) throw new EndError("too-large");
    const headers = { "X-Name": encodeURIComponent(file.name), "Content-Type": file.type || "application/octet-stream" };
    await request("POST", at(conversation, "/documents"), { body: file, headers });
  }

  async retract(conversation: string, id: string): Promise<void> {
    await ask("DELETE", at(conversation, `/messages/${id}`));
  }

  /** Only where somebody looks: a window behind another one, or on a second screen, has read nothing. */
  async read(conversation: string): Promise<void> {
    if (!document.hasFocus()) return;
    await post(at(conversation, "/read"));
  }

  async document(conversation: string, id: string): Promise<Blob> {
    return (await request("GET", this.address(conversation, id))).blob();
  }

  address(conversation: string, id: string): string {
    return at(conversation, `/messages/${id}/document`);
  }

  listen(changed: () => void): () => void {
    return this.changes.listen(({ kind }) => kind === "changed" && changed());
  }

  // --- what only a practitioner asks ---

  async search(words: string, conversation?: string): Promise<Found> {
    const query = new URLSearchParams({ q: words, ...(conversation === undefined ? {} : { conversation }) });
    const found = await get<Found & { readonly messages: readonly SentEntry[] }>(`/api/search?${query}`);
    return { ...found, messages: found.messages.map(entryOf) };
  }

  async alarms(): Promise<Entry[]> {
    return (await get<SentEntry[]>("/api/alarms")).map(entryOf);
  }

  async letBack(conversation: string): Promise<void> {
    await post(at(conversation, "/let-back"));
  }
}
