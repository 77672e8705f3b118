/** Real sealing over a map: what a browser's database would hold. */

import { newKey, openRecord, sealRecord, type Backing, type Changes } from "../src/store/backing.ts";
import type { Bytes } from "../src/wire/codec.ts";

export class MemoryBacking implements Backing {
  readonly lasting = true;
  readonly isBehind = false;
  readonly records = new Map<string, Bytes>();
  isFull = false;

  private constructor(private readonly key: CryptoKey) {}

  static async open(): Promise<MemoryBacking> {
    return new MemoryBacking(await newKey());
  }

  async all(): Promise<ReadonlyMap<string, Bytes>> {
    const opened = [...this.records].map(async ([name, data]) => [name, await openRecord(this.key, name, data)] as const);
    return new Map(await Promise.all(opened));
  }

  async write(changes: Changes): Promise<void> {
    if (this.isFull) throw new DOMException("full", "QuotaExceededError");
    for (const [name, value] of changes) {
      if (value === null) this.records.delete(name);
      else this.records.set(name, await sealRecord(this.key, name, value));
    }
  }

  async file(): Promise<undefined> {}
  async putFile(): Promise<void> {}
  async dropFile(): Promise<void> {}
  async wipe(): Promise<void> {
    this.records.clear();
  }
}
