/** "Keep on this device": IndexedDB with strict durability, sealed under a key that cannot be read out. */

import type { Bytes } from "../wire/codec.ts";
import { namesHeld } from "./lock.ts";
import { newKey, openRecord, sealRecord, type Backing, type Changes } from "./backing.ts";

const DATABASE = "colloque";
const [KEYS, RECORDS, FILES] = ["keys", "records", "files"] as const;

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the browser's database does not answer"));
  });
}

function over(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("the browser's database is full"));
  });
}

export function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => {
    for (const name of [KEYS, RECORDS, FILES]) request.result.createObjectStore(name);
  };
  return done(request).then((database) => {
    // Whoever erases everything need not wait for what is not used any more.
    database.onversionchange = () => database.close();
    return database;
  });
}

export const keyNamed = (database: IDBDatabase, name: string): Promise<CryptoKey | undefined> =>
  done(database.transaction(KEYS).objectStore(KEYS).get(name) as IDBRequest<CryptoKey | undefined>);

/** The key of that name, made where there is none. */
export async function ensuredKey(database: IDBDatabase, name: string): Promise<CryptoKey> {
  const known = await keyNamed(database, name);
  if (known !== undefined) return known;
  const key = await newKey();
  const transaction = database.transaction(KEYS, "readwrite", { durability: "strict" });
  transaction.objectStore(KEYS).add(key, name);
  await over(transaction);
  return key;
}

export async function dropKey(database: IDBDatabase, name: string): Promise<void> {
  const transaction = database.transaction(KEYS, "readwrite", { durability: "strict" });
  transaction.objectStore(KEYS).delete(name);
  transaction.objectStore(KEYS).delete(`${name}/steps`);
  await over(transaction);
}

/** How many steps were kept beside the key of that name. */
export const stepsOf = async (database: IDBDatabase, name: string): Promise<number> =>
  Number((await done(database.transaction(KEYS).objectStore(KEYS).get(`${name}/steps`) as IDBRequest<unknown>)) ?? 0);

export async function countSteps(database: IDBDatabase, name: string, steps: number): Promise<void> {
  const transaction = database.transaction(KEYS, "readwrite", { durability: "strict" });
  transaction.objectStore(KEYS).put(steps, `${name}/steps`);
  await over(transaction);
}

/** Documents, sealed by the caller. */
export function files(database: IDBDatabase) {
  const changing = async (change: (store: IDBObjectStore) => void): Promise<void> => {
    const transaction = database.transaction(FILES, "readwrite", { durability: "strict" });
    change(transaction.objectStore(FILES));
    await over(transaction);
  };
  return {
    get: (name: string): Promise<Bytes | undefined> =>
      done(database.transaction(FILES).objectStore(FILES).get(name) as IDBRequest<Bytes | undefined>),
    put: (name: string, sealed: Bytes): Promise<void> => changing((store) => store.put(sealed, name)),
    delete: (name: string): Promise<void> => changing((store) => store.delete(name)),
  };
}

/** Removes the keys and documents whose name begins so, but those of `alive`. */
export async function strays(database: IDBDatabase, prefix: string, alive: ReadonlySet<string>): Promise<void> {
  const transaction = database.transaction([KEYS, FILES], "readwrite", { durability: "strict" });
  for (const name of [KEYS, FILES]) {
    const store = transaction.objectStore(name);
    store.getAllKeys().onsuccess = ({ target }) => {
      for (const key of (target as IDBRequest<IDBValidKey[]>).result.map(String)) {
        if (key.startsWith(prefix) && !alive.has(key.split("/")[0] ?? "")) store.delete(key);
      }
    };
  }
  await over(transaction);
}

const DEVICE_KEY = "device";

export class DeviceBacking implements Backing {
  static readonly lock = "device";
  readonly lasting = true;
  /** A database goes back as a whole, with its key: only relays can tell (S32). */
  readonly isBehind = false;

  private constructor(
    private readonly database: IDBDatabase,
    private readonly key: CryptoKey,
  ) {}

  static async open(): Promise<DeviceBacking> {
    const database = await openDatabase();
    const backing = new DeviceBacking(database, await ensuredKey(database, DEVICE_KEY));
    // Where the browser may throw away what it keeps for pages, it is asked not to. Nothing waits for the answer: Firefox asks
    // the person, who may leave the question open for good.
    void navigator.storage?.persist?.().catch(() => false);
    return backing;
  }

  /** Whether something was kept here before; makes nothing. */
  static async isThere(): Promise<boolean> {
    const known = await indexedDB.databases?.();
    if (known !== undefined && !known.some((one) => one.name === DATABASE)) return false;
    const database = await openDatabase();
    const count = await done(database.transaction(RECORDS).objectStore(RECORDS).count());
    database.close();
    return count > 0;
  }

  async all(): Promise<ReadonlyMap<string, Bytes>> {
    const store = this.database.transaction(RECORDS).objectStore(RECORDS);
    const [names, values] = await Promise.all([done(store.getAllKeys()), done(store.getAll())]);
    const opened = await Promise.all(
      names.map(async (name, at) => [String(name), await openRecord(this.key, String(name), values[at] as Bytes)] as const),
    );
    return new Map(opened);
  }

  async write(changes: Changes): Promise<void> {
    const sealed = await Promise.all(
      [...changes].map(async ([name, value]) => [name, value && (await sealRecord(this.key, name, value))] as const),
    );
    const transaction = this.database.transaction(RECORDS, "readwrite", { durability: "strict" });
    const store = transaction.objectStore(RECORDS);
    try {
      for (const [name, value] of sealed) value === null ? store.delete(name) : store.put(value, name);
    } catch (error) {
      transaction.abort();
      throw error;
    }
    await over(transaction);
  }

  async file(name: string): Promise<Bytes | undefined> {
    const sealed = await files(this.database).get(name);
    return sealed && openRecord(this.key, name, sealed);
  }

  async putFile(name: string, data: Bytes): Promise<void> {
    await files(this.database).put(name, await sealRecord(this.key, name, data));
  }

  dropFile(name: string): Promise<void> {
    return files(this.database).delete(name);
  }

  async wipe(): Promise<void> {
    await dropKey(this.database, DEVICE_KEY);
    const transaction = this.database.transaction([RECORDS, FILES], "readwrite", { durability: "strict" });
    transaction.objectStore(RECORDS).clear();
    transaction.objectStore(FILES).delete(IDBKeyRange.bound("file/", "file0", false, true));
    await over(transaction);
    this.database.close();
    // A tab that forgets when it is closed has its key in there, and would make this wait for it.
    if (!(await namesHeld()).some((name) => name.startsWith("tab "))) await done(indexedDB.deleteDatabase(DATABASE));
  }
}
