/** The engine of an end: reads its queues, encrypts and sends what waits, runs errands, moves documents. */

import { Lines } from "../relay/line.ts";
import { KEEP_PACKAGE, KEEP_RAW, KEEP_SEEN, LATE_AFTER, wantsRenewal } from "../session/calendar.ts";
import { wishRenewal } from "../session/join.ts";
import { NotKept } from "../store/backing.ts";
import { encryptNext, receipts } from "../store/outbox.ts";
import { run } from "../store/steps.ts";
import { named, type Draft, type Store } from "../store/store.ts";
import { contextOf, identityOf, loadTalk } from "../store/talks.ts";
import type { Bytes } from "../wire/codec.ts";
import { Courier } from "./courier.ts";
import { Mover } from "./mover.ts";
import { QueueReader } from "./reader.ts";

const RECEIPT_DELAY_MS = 200;
const LONGEST_REST_MS = 5_000;
const TICK_MS = 30_000;

export class Engine {
  private readonly lines: Lines;
  private readonly mover: Mover;
  private readonly couriers = new Map<string, Courier>();
  private readonly readers = new Map<string, QueueReader>();
  private awake = true;
  private running = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private tickedAt = -TICK_MS;
  private stopped = false;

  constructor(
    private readonly store: Store,
    private readonly changed: () => void,
  ) {
    this.lines = new Lines(() => this.wake());
    this.mover = new Mover(store, () => this.wake());
  }

  /** Until `stop`. */
  start(): void {
    addEventListener("online", this.hurry);
    this.store.watch(() => this.wake());
    this.wake();
  }

  stop(): void {
    this.stopped = true;
    removeEventListener("online", this.hurry);
    clearTimeout(this.timer);
    for (const reader of this.readers.values()) reader.stop();
    for (const line of this.lines.all()) line.close();
  }

  private readonly hurry = (): void => {
    for (const line of this.lines.all()) line.hurry();
    this.wake();
  };

  /** Whether the relays that matter answer; `undefined` while nobody has been asked. */
  get isConnected(): boolean | undefined {
    const lines = this.lines.all();
    if (lines.length === 0) return undefined;
    if (lines.every((line) => line.isUp)) return true;
    return lines.some((line) => !line.isUp && line.wait > 0) ? false : undefined;
  }

  wake(): void {
    this.awake = true;
    this.changed();
    if (!this.running && !this.stopped) void this.loop();
  }

  private async loop(): Promise<void> {
    this.running = true;
    clearTimeout(this.timer);
    try {
      while (this.awake && !this.stopped) {
        this.awake = false;
        await this.round();
      }
    } catch (error) {
      if (!(error instanceof NotKept)) throw error;
    } finally {
      this.running = false;
    }
    this.timer = setTimeout(() => this.wake(), this.rest());
  }

  /** Milliseconds until something may be due without anything happening. */
  private rest(): number {
    const waits = this.lines.all().flatMap((line) => (line.isUp ? [] : [line.wait]));
    const owed = this.store.look().all("owed").length > 0 ? [RECEIPT_DELAY_MS] : [];
    return Math.max(50, Math.min(LONGEST_REST_MS, ...waits, ...owed));
  }

  /** Everything that can be done now is done, or begun. */
  private async round(): Promise<void> {
    if (identityOf(this.store.look()) === undefined) return;
    this.startReaders();
    await this.tick();
    await this.encrypt();
    for (const relay of this.relays()) this.courier(relay).start();
    this.mover.start();
  }

  private relays(): Set<string> {
    const draft = this.store.look();
    return new Set([
      ...draft.all("queue").map(([, one]) => one.queue.relay),
      ...draft.all("outgoing").map(([, one]) => one.address.relay),
      ...draft.all("errand").map(([, one]) => one.relay),
    ]);
  }

  private courier(relay: string): Courier {
    let courier = this.couriers.get(relay);
    if (courier === undefined) {
      courier = new Courier(this.store, this.lines.to(relay), () => this.wake(), (name) => this.stopReader(name));
      this.couriers.set(relay, courier);
    }
    return courier;
  }

  private startReaders(): void {
    for (const [name, one] of this.store.look().all("queue")) {
      if (one.state !== "made" || this.readers.get(name)?.isOver === false) continue;
      const reader = new QueueReader(this.store, this.lines.to(one.queue.relay), one.queue.id, () => this.wake());
      this.readers.set(name, reader);
      void reader.run();
    }
  }

  private stopReader(name: string): void {
    this.readers.get(name)?.stop();
    this.readers.delete(name);
  }

  /** Whether everything that waited in a conversation's queue has been taken in: nothing is encrypted before (S16). */
  private isDrained(draft: Draft, conversation: Bytes): boolean {
    const made = draft.all("queue").filter(([, one]) => one.state === "made" && named(one.conversation) === named(conversation));
    return made.length > 0 && made.every(([name]) => this.readers.get(name)?.drained === true);
  }

  private async encrypt(): Promise<void> {
    const draft = this.store.look();
    const now = Date.now();
    const owing = draft.all("owed").filter(([, one]) => one.at <= now - RECEIPT_DELAY_MS);
    for (const conversation of distinct(owing.map(([, one]) => one.conversation))) {
      if (this.isDrained(draft, conversation)) await receipts(this.store, conversation);
    }
    for (const conversation of distinct(this.store.look().all("writing").map(([, one]) => one.conversation))) {
      while (this.isDrained(draft, conversation) && (await encryptNext(this.store, conversation)));
    }
  }

  // --- what time brings ---

  private async tick(): Promise<void> {
    if (performance.now() - this.tickedAt < TICK_MS) return;
    this.tickedAt = performance.now();
    await this.store.step(async (draft) => {
      const ctx = contextOf(draft);
      alarm(draft, ctx.now);
      forget(draft, ctx.now);
      for (const [, { conversation }] of draft.all("talk")) {
        const talk = loadTalk(draft, conversation.id);
        if (talk !== undefined && wantsRenewal(ctx, talk)) await run(draft, ctx, conversation.id, (t) => wishRenewal(ctx, t));
      }
    });
  }
}

const distinct = (ids: readonly Bytes[]): Bytes[] => [...new Map(ids.map((id) => [named(id), id])).values()];

/** Whatever was not delivered in time is said so, and stays so until it is (S27). */
function alarm(draft: Draft, now: number): void {
  for (const [name, one] of draft.all("message")) {
    const open = one.author === null && ["waiting", "uploading", "accepted"].includes(one.state);
    if (open && !one.late && one.sentAt < now - LATE_AFTER) draft.patch("message", name, { late: true });
  }
}

function forget(draft: Draft, now: number): void {
  for (const [name, one] of draft.all("seen")) if (one.at < now - KEEP_SEEN) draft.delete("seen", name);
  for (const table of ["raw", "part"] as const) {
    for (const [name, one] of draft.all(table)) if (one.at < now - KEEP_RAW) draft.delete(table, name);
  }
  for (const [name, one] of draft.all("package")) if (one.at < now - KEEP_PACKAGE) draft.delete("package", name);
}
