/** Reading one queue: every envelope is durable here before it is confirmed there (S18). */

import { Refused, RelayError, TakenOver } from "../relay/errors.ts";
import type { Line } from "../relay/line.ts";
import { take } from "../store/intake.ts";
import { loseAll } from "../store/steps.ts";
import { named, type Store } from "../store/store.ts";
import { contextOf } from "../store/talks.ts";
import type { Bytes } from "../wire/codec.ts";
import { isBefore, type Position } from "../wire/frames/position.ts";

const TAKEN_OVER_PAUSE_MS = 15_000;
const REFUSED_PAUSE_MS = 5_000;
const NOT_KEPT_PAUSE_MS = 5_000;
const SHORT_PAUSE_MS = 50;
const BURST = 32;

export class QueueReader {
  /** Everything that waited when the reading began has been taken in. */
  drained = false;
  private stopped = false;

  constructor(
    private readonly store: Store,
    private readonly line: Line,
    private readonly queue: Bytes,
    private readonly wake: () => void,
  ) {}

  stop(): void {
    this.stopped = true;
  }

  get isOver(): boolean {
    return this.stopped;
  }

  async run(): Promise<void> {
    while (!this.stopped) {
      let pause = SHORT_PAUSE_MS;
      try {
        await this.read();
      } catch (error) {
        pause = error instanceof RelayError ? await this.pauseAfter(error) : NOT_KEPT_PAUSE_MS;
        this.wake();
      }
      this.drained = false;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  private async pauseAfter(error: RelayError): Promise<number> {
    if (error instanceof TakenOver) return TAKEN_OVER_PAUSE_MS;
    if (error instanceof Refused && error.isGone) {
      // It expired while this end was away, or the relay lost it. Made again with the same capabilities it is the one that
      // everybody's end knows; what was refused meanwhile shows by its numbers (S35).
      this.stopped = true;
      await this.store.step((draft) => {
        if (draft.get("queue", named(this.queue))?.state === "made") draft.patch("queue", named(this.queue), { state: "wanted" });
      });
      this.wake();
      return 0;
    }
    return error instanceof Refused ? REFUSED_PAUSE_MS : Math.max(SHORT_PAUSE_MS, this.line.wait);
  }

  private async read(): Promise<void> {
    const known = this.store.look().get("queue", named(this.queue));
    if (known === undefined) return this.stop();
    const connection = await this.line.connection();
    const reading = await connection.read(known.queue.read);
    await this.compare(reading.confirmed);
    let left = reading.waiting;
    this.settle(left);
    while (!this.stopped) {
      let last = await reading.next();
      let count = 1;
      await take(this.store, this.queue, last, this.drained);
      while (reading.hasMore && count < BURST) {
        last = await reading.next();
        count += 1;
        await take(this.store, this.queue, last, this.drained);
      }
      left -= count;
      this.settle(left);
      this.wake();
      await reading.confirm(last.position);
    }
  }

  private settle(left: number): void {
    if (left > 0 || this.drained) return;
    this.drained = true;
    this.wake();
  }

  /** Where the relay stands. Behind what is known here: it forgot, and doubles are told by their ids. Ahead: this end was
  put back to an earlier state, and must not send before it has come back (S32). */
  private compare(confirmed: Position): Promise<void> {
    return this.store.step(async (draft) => {
      const known = draft.get("queue", named(this.queue));
      if (known === undefined) return;
      draft.patch("queue", named(this.queue), confirmed);
      if (isBefore(known, confirmed)) await loseAll(draft, contextOf(draft));
    });
  }
}
