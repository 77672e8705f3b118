/** Moving documents: chunks up and down, counted as they are through, so that a break costs little (W30 to W34). */

import { aesKey, aesOpen, aesSeal, sameSecret, sha256 } from "../crypto/primitives.ts";
import { Refused, RelayError, Unreachable } from "../relay/errors.ts";
import { getChunk, putChunk } from "../relay/http.ts";
import { fileName, owe } from "../store/apply.ts";
import { deleteChunks } from "../store/errands.ts";
import { NotKept } from "../store/backing.ts";
import type { State, Tables } from "../store/records.ts";
import { messageOf, settle } from "../store/states.ts";
import { named, type Store } from "../store/store.ts";
import { contextOf } from "../store/talks.ts";
import { WireError, concat, utf8, type Bytes } from "../wire/codec.ts";
import {
  chunkCount,
  chunkDelete,
  chunkKey,
  chunkRead,
  chunkRoom,
  chunkWrite,
  isAhead,
  type Document,
} from "../wire/content/document.ts";
import { Outcome } from "../wire/content/receipt.ts";
import { pauseMs } from "./courier.ts";

/** What a page holds in memory at once; a practice's desk may send more than a telephone should take. */
export const HELD_BYTES = 50 * 2 ** 20;
const NOT_KEPT_PAUSE_MS = 30_000;
const CHUNK_SECONDS = 30 * 86_400;
const AAD = utf8("colloque 1 chunk");
/** Every chunk has a key of its own, used once: the nonce need not differ. */
const NONCE = new Uint8Array(12);

export class Mover {
  private readonly busy = new Set<string>();
  /** Until when what could not be kept here is left alone. */
  private readonly rests = new Map<string, number>();

  constructor(
    private readonly store: Store,
    private readonly wake: () => void,
  ) {}

  /** Begins every transfer whose time has come. */
  start(): void {
    void this.tidy();
    for (const [name, one] of this.store.look().all("transfer")) {
      if (this.busy.has(name) || one.notBefore > Date.now() || (one.upload && !this.hasQueue(one))) continue;
      if ((this.rests.get(name) ?? 0) > performance.now()) continue;
      this.busy.add(name);
      void this.move(name, one)
        .catch((error: unknown) => {
          this.rests.set(name, performance.now() + NOT_KEPT_PAUSE_MS);
          if (!(error instanceof NotKept)) throw error;
        })
        .finally(() => {
          this.busy.delete(name);
          this.wake();
        });
    }
  }

  /** What was taken back goes from here, too. */
  private async tidy(): Promise<void> {
    for (const [name] of this.store.look().all("stray")) {
      if (this.busy.has(name)) continue;
      this.busy.add(name);
      try {
        await this.store.backing.dropFile(name);
        await this.store.step((draft) => draft.delete("stray", name));
      } finally {
        this.busy.delete(name);
      }
    }
  }

  private hasQueue({ conversation }: Tables["transfer"]): boolean {
    return this.queueOf(conversation)?.state === "made";
  }

  private queueOf(conversation: Bytes): Tables["queue"] | undefined {
    const draft = this.store.look();
    const queue = draft.get("talk", named(conversation))?.conversation.queue;
    return queue && draft.get("queue", named(queue.id));
  }

  private async move(name: string, transfer: Tables["transfer"]): Promise<void> {
    const document = messageOf(this.store.look(), transfer.conversation, transfer.message)?.document;
    if (!document) return this.store.step((draft) => draft.delete("transfer", name));
    if (!transfer.upload && document.size > HELD_BYTES) return this.over(name, transfer, "too-large");
    try {
      await (transfer.upload ? this.up(name, transfer, document) : this.down(name, transfer, document));
    } catch (error) {
      if (error instanceof WireError || (error instanceof Refused && error.isGone && !this.mayCome(transfer, document))) {
        return this.over(name, transfer, transfer.upload ? "failed" : "damaged");
      }
      if (!(error instanceof RelayError)) throw error;
      const again = { tries: transfer.tries + 1, notBefore: Date.now() + pauseMs(transfer.tries) };
      await this.store.step((draft) => draft.patch("transfer", name, again));
    }
  }

  /** A large document's chunks may come after its description (W34). */
  private mayCome({ conversation, message, upload }: Tables["transfer"], document: Document): boolean {
    const cameAt = messageOf(this.store.look(), conversation, message)?.cameAt ?? 0;
    return upload || (isAhead(document) && Date.now() - cameAt < 1000 * CHUNK_SECONDS);
  }

  private async up(name: string, { conversation, message, done }: Tables["transfer"], document: Document): Promise<void> {
    const data = await this.store.backing.file(fileName(conversation, message));
    const authority = this.queueOf(conversation)?.queue.read;
    if (data === undefined) throw new WireError("the file is not here any more");
    if (authority === undefined) throw new Unreachable("this conversation has no queue");
    const room = chunkRoom(document);
    for (let index = done; index < chunkCount(document); index += 1) {
      const plain = new Uint8Array(room);
      plain.set(data.subarray(index * room, (index + 1) * room));
      const sealed = await aesSeal(await aesKey(await chunkKey(document, index)), NONCE, plain, AAD);
      const rights = {
        write: await chunkWrite(document, index),
        authority,
        readHash: await sha256(await chunkRead(document, index)),
        deleteHash: await sha256(await chunkDelete(document, index)),
      };
      await putChunk(document.relay, rights, CHUNK_SECONDS, sealed);
      const wanted = await this.counted(name, index + 1);
      // It was taken back: what has come up since goes, too.
      if (!wanted) return this.store.step((draft) => deleteChunks(draft, document));
    }
    await this.store.step((draft) => {
      draft.delete("transfer", name);
      settle(draft, conversation, message);
    });
  }

  private counted(name: string, done: number): Promise<boolean> {
    return this.store.step((draft) => {
      if (draft.get("transfer", name) === undefined) return false;
      draft.patch("transfer", name, { done, tries: 0 });
      return true;
    });
  }

  private async down(name: string, { conversation, message }: Tables["transfer"], document: Document): Promise<void> {
    const pieces: Bytes[] = [];
    for (let index = 0; index < chunkCount(document); index += 1) {
      const sealed = await getChunk(document.relay, await chunkRead(document, index), document.chunkBytes);
      if (sealed.length !== document.chunkBytes) throw new WireError("a chunk of the wrong size");
      pieces.push(await opened(document, index, sealed));
      if (!(await this.counted(name, index + 1))) return;
    }
    const whole = concat(...pieces);
    if (!sameSecret(await sha256(whole), document.sha256)) throw new WireError("a document that is not the one described");
    const file = fileName(conversation, message);
    await this.store.keepFile(file, whole);
    const isKept = await this.store.step((draft) => {
      draft.delete("transfer", name);
      const known = messageOf(draft, conversation, message);
      if (known?.state !== "arriving" || known.author === null) return false;
      draft.patch("message", named(conversation, message), { state: "here" });
      owe(draft, contextOf(draft), conversation, known.author, message, Outcome.delivered);
      deleteChunks(draft, document);
      return true;
    });
    if (!isKept) await this.store.backing.dropFile(file);
  }

  private async over(name: string, { conversation, message }: Tables["transfer"], state: State): Promise<void> {
    await this.store.step((draft) => {
      draft.delete("transfer", name);
      draft.patch("message", named(conversation, message), { state });
    });
  }
}

/** The document's bytes in that chunk; throws `WireError` where it was changed or is another one. */
async function opened(document: Document, index: number, sealed: Bytes): Promise<Bytes> {
  const plain = await aesOpen(await aesKey(await chunkKey(document, index)), NONCE, sealed, AAD);
  const room = chunkRoom(document);
  const length = Math.max(0, Math.min(room, document.size - index * room));
  if (plain.subarray(length).some((byte) => byte !== 0)) throw new WireError("a chunk's padding is not zero");
  return plain.slice(0, length);
}
