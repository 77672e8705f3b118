/** Records in memory, and under them a backing: one step at a time, and each step durable as a whole or not at all. */

import { hex } from "../wire/text.ts";
import type { Bytes } from "../wire/codec.ts";
import type { Signal } from "../wire/content/call/signal.ts";
import { NotKept, type Backing } from "./backing.ts";
import type { TableName, Tables } from "./records.ts";
import { decodeValue, encodeValue } from "./values.ts";

type Memory = Map<TableName, Map<string, unknown>>;

/** One part of a record's name: a key or an id in hexadecimal, a counter so that names sort as numbers do. */
export const named = (...parts: readonly (Uint8Array | number | string)[]): string =>
  parts
    .map((part) =>
      part instanceof Uint8Array ? hex(part) : typeof part === "number" ? String(part).padStart(12, "0") : part,
    )
    .join("/");

/** A piece of a call, and who wrote it. Keys and ids in hexadecimal. */
export interface Heard {
  readonly conversation: string;
  readonly author: string;
  /** By its author's clock. */
  readonly sentAt: number;
  readonly signal: Signal;
}

/** What one step sees and changes. Nothing is kept where the step throws. */
export class Draft {
  private readonly changed = new Map<TableName, Map<string, unknown>>();
  private counters = 0;
  /** Whether what this step takes in was handed out as it came, and had not waited at the relay. */
  isLive = false;
  /** Pieces of calls that came in this step, and are still of use. */
  readonly signals: Heard[] = [];

  constructor(private readonly memory: Memory) {}

  get<T extends TableName>(table: T, name: string): Tables[T] | undefined {
    const changed = this.changed.get(table);
    const value = changed?.has(name) ? changed.get(name) : this.memory.get(table)?.get(name);
    return (value ?? undefined) as Tables[T] | undefined;
  }

  put<T extends TableName>(table: T, name: string, value: Tables[T]): void {
    this.set(table, name, value);
  }

  /** `changes` over what is there; nothing where there is nothing. */
  patch<T extends TableName>(table: T, name: string, changes: Partial<Tables[T]>): void {
    const known = this.get(table, name);
    if (known !== undefined) this.set(table, name, { ...known, ...changes });
  }

  delete(table: TableName, name: string): void {
    if (this.get(table, name) !== undefined) this.set(table, name, null);
  }

  private set(table: TableName, name: string, value: unknown): void {
    let changed = this.changed.get(table);
    if (changed === undefined) this.changed.set(table, (changed = new Map<string, unknown>()));
    changed.set(name, value);
  }

  /** Every record of a table whose name begins so, sorted by name. */
  all<T extends TableName>(table: T, prefix = ""): (readonly [string, Tables[T]])[] {
    const [kept, changed] = [this.memory.get(table), this.changed.get(table)];
    const found: (readonly [string, Tables[T]])[] = [];
    for (const [name, value] of kept ?? []) {
      if (name.startsWith(prefix) && !changed?.has(name)) found.push([name, value as Tables[T]]);
    }
    for (const [name, value] of changed ?? []) {
      if (name.startsWith(prefix) && value !== null) found.push([name, value as Tables[T]]);
    }
    return found.sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** A number that no record had before: it only grows, also from one start to the next. */
  next(): number {
    const known = this.get("setting", "counter")?.value;
    this.counters = (typeof known === "number" ? known : 0) + 1;
    this.put("setting", "counter", { value: this.counters });
    return this.counters;
  }

  changes(): ReadonlyMap<TableName, ReadonlyMap<string, unknown>> {
    return this.changed;
  }
}

export class Store {
  private turn: Promise<unknown> = Promise.resolve();
  private readonly watchers = new Set<() => void>();
  private readonly hearers = new Set<(heard: Heard) => void>();
  private full = false;
  private closed = false;
  private readonly filing = new Set<Promise<void>>();

  private constructor(
    readonly backing: Backing,
    private readonly memory: Memory,
  ) {}

  static async open(backing: Backing): Promise<Store> {
    const memory: Memory = new Map();
    for (const [full, data] of await backing.all()) {
      const stroke = full.indexOf("/");
      const table = full.slice(0, stroke) as TableName;
      if (!memory.has(table)) memory.set(table, new Map());
      memory.get(table)?.set(full.slice(stroke + 1), decodeValue(data));
    }
    return new Store(backing, memory);
  }

  /** Runs `work` on a draft and makes what it changed durable; steps run one after the other. Throws what `work` throws, and
  `NotKept`. */
  step<T>(work: (draft: Draft) => Promise<T> | T): Promise<T> {
    const result = this.turn.then(async () => {
      if (this.closed) throw new NotKept("this end was closed");
      const draft = new Draft(this.memory);
      const value = await work(draft);
      await this.keep(draft);
      for (const heard of draft.signals) for (const tell of this.hearers) tell(heard);
      return value;
    });
    this.turn = result.catch(() => undefined);
    return result;
  }

  /** A document's bytes, sealed. Throws `NotKept`. */
  async keepFile(name: string, data: Bytes): Promise<void> {
    if (this.closed) throw new NotKept("this end was closed");
    const work = this.keeping(this.backing.putFile(name, data));
    this.filing.add(work);
    await work.finally(() => this.filing.delete(work));
  }

  private async keeping(work: Promise<void>): Promise<void> {
    try {
      await work;
      this.full = false;
    } catch {
      this.full = true;
      throw new NotKept("this device keeps nothing more");
    }
  }

  /** When this resolves nothing is kept any more, and nothing is under way. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.allSettled([this.turn, ...this.filing]);
  }

  /** Whether what was to be kept last could not be. */
  get isFull(): boolean {
    return this.full;
  }

  /** What is there now, without waiting for a turn. Changes nothing. */
  look(): Draft {
    return new Draft(this.memory);
  }

  /** Tells after every step that changed something. */
  watch(changed: () => void): () => void {
    this.watchers.add(changed);
    return () => this.watchers.delete(changed);
  }

  /** Tells every piece of a call, once what brought it is durable here. */
  hear(tell: (heard: Heard) => void): () => void {
    this.hearers.add(tell);
    return () => this.hearers.delete(tell);
  }

  private async keep(draft: Draft): Promise<void> {
    const out = new Map<string, Bytes | null>();
    for (const [table, records] of draft.changes()) {
      for (const [name, value] of records) out.set(`${table}/${name}`, value === null ? null : encodeValue(value));
    }
    if (out.size === 0) return;
    await this.keeping(this.backing.write(out));
    for (const [table, records] of draft.changes()) {
      let kept = this.memory.get(table);
      if (kept === undefined) this.memory.set(table, (kept = new Map<string, unknown>()));
      for (const [name, value] of records) value === null ? kept.delete(name) : kept.set(name, value);
    }
    for (const changed of this.watchers) changed();
  }
}
