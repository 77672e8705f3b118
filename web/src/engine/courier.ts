/** What is to be done at one relay: its errands, and its mail. A relay that hangs keeps nobody waiting but itself. */

import { random, sha256 } from "../crypto/primitives.ts";
import { RelayError, Refused } from "../relay/errors.ts";
import { deleteChunk } from "../relay/http.ts";
import type { Line } from "../relay/line.ts";
import { turnedAway } from "../session/greet.ts";
import { NotKept } from "../store/backing.ts";
import { accepted, beginHellos, dropOutdated, holdsHello, later, lines, refused, type Outgoing } from "../store/outbox.ts";
import type { Tables } from "../store/records.ts";
import { run } from "../store/steps.ts";
import type { Draft, Store } from "../store/store.ts";
import { contextOf } from "../store/talks.ts";
import { Code } from "../wire/frames/answers.ts";
import { equal } from "../wire/codec.ts";
import { chunkCount, chunkDelete } from "../wire/content/document.ts";
import { sealEnvelope } from "../wire/envelope.ts";

/** Commands under way on one line at a time, a few less than a relay takes (`spec/relay.md` R6). */
const SIDE_BY_SIDE = 32;
const NOT_KEPT_PAUSE_MS = 5_000;

export const pauseMs = (tries: number): number => Math.min(60_000, 500 * 2 ** Math.min(tries, 7));

export class Courier {
  private busy = false;
  private restUntil = 0;
  private readonly pauses = new Map<string, { tries: number; until: number }>();

  constructor(
    private readonly store: Store,
    private readonly line: Line,
    private readonly wake: () => void,
    /** A queue is about to be dropped: nobody reads it any more. */
    private readonly dropped: (name: string) => void,
  ) {}

  /** Begins whatever can be done now; one round at a time. */
  start(): void {
    if (this.busy || performance.now() < this.restUntil || (!this.line.isUp && this.line.wait > 0) || !this.hasWork()) return;
    this.busy = true;
    void this.work().finally(() => {
      this.busy = false;
      this.wake();
    });
  }

  private hasWork(): boolean {
    const [draft, now, { relay }] = [this.store.look(), Date.now(), this.line];
    const wants = ([name, one]: readonly [string, Tables["queue"]]): boolean =>
      one.queue.relay === relay && one.state !== "made" && this.isOver(name);
    return (
      lines(draft, relay, now, 1).length > 0 ||
      draft.all("queue").some(wants) ||
      draft.all("errand").some(([, one]) => one.relay === relay && one.notBefore <= now)
    );
  }

  private async work(): Promise<void> {
    try {
      await this.queues();
      await this.errands();
      while (await this.mail());
    } catch (error) {
      if (error instanceof RelayError) return;
      this.restUntil = performance.now() + NOT_KEPT_PAUSE_MS;
      if (!(error instanceof NotKept)) throw error;
    }
  }

  // --- queues ---

  private isOver(name: string): boolean {
    return (this.pauses.get(name)?.until ?? 0) <= performance.now();
  }

  private async queues(): Promise<void> {
    for (const [name, one] of this.store.look().all("queue")) {
      if (one.queue.relay !== this.line.relay || one.state === "made" || !this.isOver(name)) continue;
      if (one.state === "unwanted" && this.isUploading(one)) continue;
      try {
        await (one.state === "wanted" ? this.make(name, one) : this.drop(name, one));
        this.pauses.delete(name);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        if (error.code === Code.grant && (await this.turnedAway(name, one))) continue;
        const tries = (this.pauses.get(name)?.tries ?? 0) + 1;
        this.pauses.set(name, { tries, until: performance.now() + pauseMs(tries) });
      }
    }
  }

  /** A queue on whose account a document still goes up waits for it. */
  private isUploading({ conversation }: Tables["queue"]): boolean {
    return this.store.look().all("transfer").some(([, one]) => one.upload && equal(one.conversation, conversation));
  }

  /** Making the same queue again does nothing, so that a crash in between does no harm. */
  private async make(name: string, { queue }: Tables["queue"]): Promise<void> {
    const writers = await Promise.all(queue.writers.map(async (writer) => ({ hash: await sha256(writer), quota: 0 })));
    const connection = await this.line.connection();
    await connection.call({ is: "make-queue", grant: queue.grant, readHash: await sha256(queue.read), writers });
    await this.store.step((draft) => {
      if (draft.get("queue", name)?.state === "wanted") draft.patch("queue", name, { state: "made" });
    });
  }

  private async drop(name: string, { queue }: Tables["queue"]): Promise<void> {
    this.dropped(name);
    const connection = await this.line.connection();
    try {
      await connection.call({ is: "drop-queue", read: queue.read });
    } catch (error) {
      if (!(error instanceof Refused && error.isGone)) throw error;
    }
    await this.store.step((draft) => draft.delete("queue", name));
  }

  /** An invitation's grant was used: by somebody else, since no queue was made with it here (S5). */
  private async turnedAway(name: string, { conversation, queue }: Tables["queue"]): Promise<boolean> {
    if (queue.grant.length === 0) return false;
    return this.store.step(async (draft) => {
      if (!holdsHello(draft, conversation)) return false;
      for (const [sent, one] of draft.all("outgoing")) if (equal(one.conversation, conversation)) draft.delete("outgoing", sent);
      await run(draft, contextOf(draft), conversation, turnedAway);
      draft.delete("queue", name);
      return true;
    });
  }

  // --- errands ---

  private async errands(): Promise<void> {
    for (const [name, one] of this.store.look().all("errand")) {
      if (one.relay !== this.line.relay || one.notBefore > Date.now()) continue;
      try {
        await this.errand(one);
      } catch (error) {
        if (!(error instanceof RelayError)) throw error;
        const forGood = error instanceof Refused && error.retryAfter === 0;
        if (!forGood) {
          const again = { tries: one.tries + 1, notBefore: Date.now() + pauseMs(one.tries) };
          await this.store.step((draft) => draft.patch("errand", name, again));
          continue;
        }
      }
      await this.store.step((draft) => draft.delete("errand", name));
    }
  }

  private async errand({ what, relay }: Tables["errand"]): Promise<void> {
    if (what.is === "drop-writers") {
      const hashes = await Promise.all(what.writers.map(sha256));
      await (await this.line.connection()).call({ is: "drop-writers", read: what.read, hashes });
      return;
    }
    for (let index = 0; index < chunkCount(what.document); index += 1) {
      try {
        await deleteChunk(relay, await chunkDelete(what.document, index));
      } catch (error) {
        if (!(error instanceof Refused && error.isGone)) throw error;
      }
    }
  }

  // --- mail ---

  /** The first envelopes of every reader's line, all on their way at once; whether anything moved. */
  private async mail(): Promise<boolean> {
    await dropOutdated(this.store);
    const waiting = lines(this.store.look(), this.line.relay, Date.now(), SIDE_BY_SIDE);
    if (waiting.length === 0) return false;
    await this.line.connection();
    await beginHellos(this.store, waiting);
    const answers = await Promise.all(waiting.map((line) => this.send(line)));
    return this.store.step(async (draft) => {
      let moved = false;
      for (const [at, line] of waiting.entries()) moved = (await this.settle(draft, line, answers[at] ?? [])) || moved;
      return moved;
    });
  }

  /** One reader's envelopes in their order; for each what became of it, `null` where it was accepted. */
  private async send(line: readonly Outgoing[]): Promise<(RelayError | null)[]> {
    const connection = await this.line.connection();
    const sealed = await Promise.all(line.map(({ record, part }) => sealEnvelope(record.address.key, part, random)));
    return Promise.all(
      sealed.map(async (envelope, at) => {
        const write = line[at]?.record.address.write ?? new Uint8Array(0);
        try {
          await connection.call({ is: "send", write, follows: at > 0, envelope });
          return null;
        } catch (error) {
          if (error instanceof RelayError) return error;
          throw error;
        }
      }),
    );
  }

  /** Whether anything left this line. What comes after something that may be tried again waits with it. */
  private async settle(draft: Draft, line: readonly Outgoing[], answers: readonly (RelayError | null)[]): Promise<boolean> {
    let moved = false;
    for (const [at, sent] of line.entries()) {
      const answer = answers[at];
      if (answer === null) accepted(draft, sent);
      else if (answer instanceof Refused && answer.isForNow) {
        later(draft, sent, Date.now() + Math.max(answer.retryAfter, pauseMs(sent.record.tries)));
        return moved;
      } else if (answer instanceof Refused) await refused(draft, contextOf(draft), sent);
      else return moved;
      moved = true;
    }
    return moved;
  }
}

