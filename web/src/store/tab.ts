/** "Forget when I close": sealed records in this tab's own storage, under a key that is thrown away on leaving.

The key lies in IndexedDB, where it cannot be read out, so that a refresh resumes. Documents are only in memory: what is
asked for again after a refresh is fetched again. */

import { random } from "../crypto/primitives.ts";
import type { Bytes } from "../wire/codec.ts";
import { base64url, fromBase64url, hex } from "../wire/text.ts";
import { openRecord, sealRecord, type Backing, type Changes } from "./backing.ts";
import { dropKey, ensuredKey, keyNamed, openDatabase } from "./indexed.ts";

const NAME = "colloque tab";
const RECORD = "colloque record ";

export class TabBacking implements Backing {
  readonly lasting = false;
  private readonly files = new Map<string, Bytes>();

  private constructor(
    private readonly database: IDBDatabase,
    private readonly name: string,
    private readonly key: CryptoKey,
  ) {}

  static async open(): Promise<TabBacking> {
    const database = await openDatabase();
    const name = sessionStorage.getItem(NAME) ?? `tab ${hex(random(16))}`;
    const key = await ensuredKey(database, name);
    sessionStorage.setItem(NAME, name);
    return new TabBacking(database, name, key);
  }

  static async isThere(): Promise<boolean> {
    const name = sessionStorage.getItem(NAME);
    if (name === null) return false;
    const database = await openDatabase();
    const key = await keyNamed(database, name);
    database.close();
    return key !== undefined;
  }

  async all(): Promise<ReadonlyMap<string, Bytes>> {
    const names = Array.from({ length: sessionStorage.length }, (_, at) => sessionStorage.key(at) ?? "");
    const opened = names
      .filter((name) => name.startsWith(RECORD))
      .map(async (full) => {
        const name = full.slice(RECORD.length);
        return [name, await openRecord(this.key, name, fromBase64url(sessionStorage.getItem(full) ?? ""))] as const;
      });
    return new Map(await Promise.all(opened));
  }

  async write(changes: Changes): Promise<void> {
    const sealed = await Promise.all(
      [...changes].map(async ([name, value]) => [name, value && (await sealRecord(this.key, name, value))] as const),
    );
    // Nothing else runs between these: all of them, or none where the tab dies.
    for (const [name, value] of sealed) {
      if (value === null) sessionStorage.removeItem(RECORD + name);
      else sessionStorage.setItem(RECORD + name, base64url(value));
    }
  }

  async file(name: string): Promise<Bytes | undefined> {
    return this.files.get(name);
  }

  async putFile(name: string, data: Bytes): Promise<void> {
    this.files.set(name, data);
  }

  async dropFile(name: string): Promise<void> {
    this.files.delete(name);
  }

  async wipe(): Promise<void> {
    this.files.clear();
    await dropKey(this.database, this.name);
    const names = Array.from({ length: sessionStorage.length }, (_, at) => sessionStorage.key(at) ?? "");
    for (const name of names) if (name === NAME || name.startsWith(RECORD)) sessionStorage.removeItem(name);
    this.database.close();
  }
}
