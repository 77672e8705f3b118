/** "Forget when I close": sealed records in this tab's own storage, under a key that is thrown away on leaving.

The key lies in IndexedDB, where it cannot be read out, so that a refresh resumes. Documents lie there too, and are sealed once
more under a key in this tab's own storage, which the browser drops with the tab: what a crash leaves behind stays shut, and is
removed by the next visit. */

import { aesKey, random } from "../crypto/primitives.ts";
import type { Bytes } from "../wire/codec.ts";
import { base64url, fromBase64url, hex } from "../wire/text.ts";
import { namesHeld } from "./lock.ts";
import { openRecord, sealRecord, type Backing, type Changes } from "./backing.ts";
import { dropKey, ensuredKey, files, keyNamed, openDatabase, strays } from "./indexed.ts";

const NAME = "colloque tab";
const SECOND = "colloque tab second";
const RECORD = "colloque record ";

export class TabBacking implements Backing {
  readonly lasting = false;

  private constructor(
    private readonly database: IDBDatabase,
    private readonly name: string,
    private readonly key: CryptoKey,
    private readonly second: CryptoKey,
  ) {}

  static async open(): Promise<TabBacking> {
    const database = await openDatabase();
    const name = TabBacking.lock;
    const second = sessionStorage.getItem(SECOND) ?? base64url(random(32));
    const key = await ensuredKey(database, name);
    sessionStorage.setItem(SECOND, second);
    await strays(database, "tab ", new Set([name, ...(await namesHeld())]));
    return new TabBacking(database, name, key, await aesKey(fromBase64url(second)));
  }

  /** The name of this tab's records, by which its lock goes too: a tab that is duplicated has the same. */
  static get lock(): string {
    const name = sessionStorage.getItem(NAME) ?? `tab ${hex(random(16))}`;
    sessionStorage.setItem(NAME, name);
    return name;
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
    const full = `${this.name}/${name}`;
    const sealed = await files(this.database).get(full);
    return sealed && openRecord(this.second, full, await openRecord(this.key, full, sealed));
  }

  async putFile(name: string, data: Bytes): Promise<void> {
    const full = `${this.name}/${name}`;
    const sealed = await sealRecord(this.key, full, await sealRecord(this.second, full, data));
    await files(this.database).put(full, sealed);
  }

  dropFile(name: string): Promise<void> {
    return files(this.database).delete(`${this.name}/${name}`);
  }

  async wipe(): Promise<void> {
    await dropKey(this.database, this.name);
    await strays(this.database, this.name, new Set());
    const names = Array.from({ length: sessionStorage.length }, (_, at) => sessionStorage.key(at) ?? "");
    for (const name of names) if ([NAME, SECOND].includes(name) || name.startsWith(RECORD)) sessionStorage.removeItem(name);
    this.database.close();
  }
}

