/** "Forget when I close": sealed records in this tab's own storage, under a key that is thrown away on leaving.

The key lies in IndexedDB, where it cannot be read out, so that a refresh resumes. Documents lie there too, and are sealed once
more under a key in this tab's own storage, which the browser drops with the tab: what a crash leaves behind stays shut, and is
removed by the next visit.

A browser may bring such a tab back as it was earlier (a copy of the tab, a session restored after a crash). Steps are counted
beside the key too, so that records that are behind are known as such: their ratchets were used further already. */

import { aesKey, random } from "../crypto/primitives.ts";
import type { Bytes } from "../wire/codec.ts";
import { base64url, fromBase64url, hex } from "../wire/text.ts";
import { namesHeld } from "./lock.ts";
import { openRecord, sealRecord, type Backing, type Changes } from "./backing.ts";
import { countSteps, dropKey, ensuredKey, files, keyNamed, openDatabase, stepsOf, strays } from "./indexed.ts";

const NAME = "colloque tab";
const SECOND = "colloque tab second";
const STEPS = "colloque tab steps";
const RECORD = "colloque record ";

export class TabBacking implements Backing {
  readonly lasting = false;
  private steps = Number(sessionStorage.getItem(STEPS) ?? 0);

  private constructor(
    private readonly database: IDBDatabase,
    private readonly name: string,
    private readonly key: CryptoKey,
    private readonly second: CryptoKey,
    readonly isBehind: boolean,
  ) {}

  static async open(): Promise<TabBacking> {
    const database = await openDatabase();
    const name = TabBacking.lock;
    const second = sessionStorage.getItem(SECOND) ?? base64url(random(32));
    const key = await ensuredKey(database, name);
    sessionStorage.setItem(SECOND, second);
    await strays(database, "tab ", new Set([name, ...(await namesHeld())]));
    const isBehind = (await stepsOf(database, name)) > Number(sessionStorage.getItem(STEPS) ?? 0);
    return new TabBacking(database, name, key, await aesKey(fromBase64url(second)), isBehind);
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
    const now = new Map(sealed.map(([name, value]) => [RECORD + name, value && base64url(value)]));
    now.set(STEPS, String(this.steps + 1));
    exchange(now);
    this.steps += 1;
    // Only after it is there: a page that dies in between has sent nothing of this step yet, and is not behind.
    await countSteps(this.database, this.name, this.steps);
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
    clear();
    this.database.close();
  }
}

function clear(): void {
  const names = Array.from({ length: sessionStorage.length }, (_, at) => sessionStorage.key(at) ?? "");
  for (const name of names) if ([NAME, SECOND, STEPS].includes(name) || name.startsWith(RECORD)) sessionStorage.removeItem(name);
}

/** All of them, or none: nothing else runs in between, and where there is no room everything is as it was. */
function exchange(values: ReadonlyMap<string, string | null>): void {
  const before = new Map([...values.keys()].map((name) => [name, sessionStorage.getItem(name)]));
  try {
    set(values);
  } catch (error) {
    for (const name of values.keys()) sessionStorage.removeItem(name);
    set(before);
    throw error;
  }
}

function set(values: ReadonlyMap<string, string | null>): void {
  for (const [name, value] of values) {
    if (value === null) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, value);
  }
}

