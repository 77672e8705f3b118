/** A patient's end: MLS, the store and the lines to relays, behind the interface of the views. */

import { random, sha256 } from "../crypto/primitives.ts";
import { publicKey } from "../crypto/ed25519.ts";
import type { CallEnd, KeptDevices } from "../call/end.ts";
import type { Kept } from "../call/model.ts";
import { EndError, type Conversation, type End, type Entry, type Page } from "../end.ts";
import { Engine } from "../engine/engine.ts";
import { HELD_BYTES } from "../engine/mover.ts";
import { greet, type Host } from "../session/greet.ts";
import { getTurn } from "../relay/http.ts";
import { NotKept, type Backing } from "../store/backing.ts";
import { blank, erase, fileName, inLine, owe } from "../store/apply.ts";
import { agree, begin, loseAll } from "../store/steps.ts";
import { named, Store, type Draft, type Heard } from "../store/store.ts";
import { contextOf, identityOf, loadTalk } from "../store/talks.ts";
import type { MessageRecord } from "../store/records.ts";
import { Writer, utf8, type Bytes } from "../wire/codec.ts";
import { encodeContent } from "../wire/content/content.ts";
import type { Document } from "../wire/content/document.ts";
import type { Signal } from "../wire/content/call/signal.ts";
import { Outcome } from "../wire/content/receipt.ts";
import { WishKind } from "../wire/content/wishes.ts";
import type { Link } from "../wire/links.ts";
import { writeProfile, type Profile } from "../wire/profile.ts";
import { safetyNumber } from "../wire/signing.ts";
import { CHUNK_SIZES } from "../wire/sizes.ts";
import { fromHex, hex } from "../wire/text.ts";
import { conversationOf, entryOf, shown } from "./entries.ts";
import { fileTitle, wellFormed } from "./given.ts";

const TEXT_BYTES = 65_536;

export class PatientEnd implements End, CallEnd {
  private readonly engine: Engine;
  private readonly watchers = new Set<() => void>();
  private told = false;

  private constructor(readonly store: Store) {
    this.engine = new Engine(store, () => this.tell());
    store.watch(() => this.tell());
  }

  static async open(backing: Backing): Promise<PatientEnd> {
    const end = new PatientEnd(await Store.open(backing));
    if (backing.isBehind) await end.store.step((draft) => (identityOf(draft) ? loseAll(draft, contextOf(draft)) : undefined));
    end.engine.start();
    return end;
  }

  /** Whether this end outlives its tab. */
  get isLasting(): boolean {
    return this.store.backing.lasting;
  }

  /** Whether the relays answer; `undefined` while that is not known. */
  get isConnected(): boolean | undefined {
    return navigator.onLine === false ? false : this.engine.isConnected;
  }

  /** Whether this device keeps nothing more, so that nothing comes or goes. */
  get isFull(): boolean {
    return this.store.isFull;
  }

  /** The answer to a tap: says hello to whoever the link leads to, once; the conversation's id. Throws `WireError`. */
  async accept(link: Link, host: Host, name: string): Promise<string> {
    const profile: Profile = { name, profession: "", rpps: "" };
    writeProfile(new Writer(), profile);
    return this.store.step(async (draft) => {
      const known = draft.get("followed", named(link.pin));
      if (known !== undefined) return hex(known.conversation);
      if (identityOf(draft) === undefined) {
        const seed = random(32);
        draft.put("identity", "me", { seed, key: publicKey(seed), profile });
      }
      const ctx = contextOf(draft);
      // Who comes for somebody else says so to this practice only.
      const step = await greet({ ...ctx, identity: { ...ctx.identity, profile } }, link, host);
      await begin(draft, ctx, step);
      const { id } = step[0].conversation;
      draft.put("followed", named(link.pin), { conversation: id });
      return hex(id);
    });
  }

  /** The conversation that this link opened here before. */
  followed(link: Link): string | undefined {
    const known = this.store.look().get("followed", named(link.pin));
    return known && hex(known.conversation);
  }

  async list(): Promise<Conversation[]> {
    const draft = this.store.look();
    const found = draft.all("talk").map(([, record]) => conversationOf(draft, record));
    return found.sort((a, b) => (b.last?.cameAt ?? 0) - (a.last?.cameAt ?? 0));
  }

  async history(conversation: string, { before, limit }: Page): Promise<Entry[]> {
    const draft = this.store.look();
    const all = shown(draft, conversation);
    const end = before === undefined ? all.length : all.findIndex((one) => hex(one.id) === before);
    return all.slice(Math.max(0, end - limit), Math.max(0, end)).map((one) => entryOf(draft, one));
  }

  async send(conversation: string, typed: string): Promise<void> {
    const text = wellFormed(typed);
    if (text.trim() === "") throw new EndError("empty");
    if (utf8(text).length > TEXT_BYTES) throw new EndError("too-long");
    await this.put(conversation, random(16), { text });
  }

  async attach(conversation: string, file: File): Promise<void> {
    if (file.size > HELD_BYTES) throw new EndError("too-large");
    const data = new Uint8Array(await file.arrayBuffer());
    const relay = this.talk(conversation).queue.relay;
    const [small, middle, large] = CHUNK_SIZES;
    const document: Document = {
      is: "document",
      name: fileTitle(file.name),
      mediaType: /^[\w.+-]+\/[\w.+-]+$/.test(file.type) && file.type.length < 128 ? file.type : "application/octet-stream",
      size: data.length,
      sha256: await sha256(data),
      relay,
      chunkBytes: data.length <= small - 16 ? small : data.length <= 16 * middle ? middle : large,
      secret: random(32),
      deletion: random(32),
    };
    const id = random(16);
    const name = fileName(fromHex(conversation), id);
    await orFull(this.store.keepFile(name, data));
    await this.put(conversation, id, { kind: "file", document, state: "uploading" });
  }

  private talk(conversation: string): { readonly phase: string; readonly queue: { readonly relay: string } } {
    const known = this.store.look().get("talk", conversation)?.conversation;
    if (known === undefined || known.phase === "left" || known.phase === "removed") throw new EndError("over");
    return known;
  }

  private put(conversation: string, id: Bytes, changes: Partial<MessageRecord>): Promise<void> {
    this.talk(conversation);
    const kept = this.store.step((draft) => {
      const owner = fromHex(conversation);
      const blankOne = blank(draft, contextOf(draft), owner, id);
      draft.put("message", named(owner, id), { ...blankOne, state: "waiting", seen: true, ...changes });
      if (changes.document) {
        const transfer = { conversation: owner, message: id, upload: true, done: 0, tries: 0, notBefore: 0 };
        draft.put("transfer", named(owner, id), transfer);
      }
      inLine(draft, owner, id, null, null);
    });
    return orFull(kept);
  }

  async retract(conversation: string, id: string): Promise<void> {
    const name = `${conversation}/${id}`;
    const kept = this.store.step((draft) => {
      const known = draft.get("message", name);
      if (known === undefined || known.author !== null || known.state === "retracted") throw new EndError("gone");
      erase(draft, contextOf(draft), known);
      for (const [line, one] of draft.all("writing", `${conversation}/`)) {
        if (one.message !== null && hex(one.message) === id) draft.delete("writing", line);
      }
      // What nobody was sent needs no taking back.
      if (known.number === 0) return;
      const own = random(16);
      const blankOne = blank(draft, contextOf(draft), known.conversation, own);
      draft.put("message", named(known.conversation, own), {
        ...{ ...blankOne, kind: "retraction", target: known.id, state: "waiting", seen: true },
      });
      inLine(draft, known.conversation, own, null, null);
    });
    return orFull(kept);
  }

  async read(conversation: string): Promise<void> {
    const unseen = (draft: Draft): MessageRecord[] =>
      shown(draft, conversation).filter((one) => !one.seen && one.author !== null && one.state !== "arriving");
    if (unseen(this.store.look()).length === 0) return;
    const kept = this.store.step((draft) => {
      for (const one of unseen(draft)) {
        draft.patch("message", named(one.conversation, one.id), { seen: true });
        const told = one.author !== null && one.kind !== "notice" && one.state !== "retracted";
        if (told && one.author) owe(draft, contextOf(draft), one.conversation, one.author, one.id, Outcome.read);
      }
    });
    return orFull(kept);
  }

  async document(conversation: string, id: string): Promise<Blob> {
    const document = this.store.look().get("message", `${conversation}/${id}`)?.document;
    const data = await this.store.backing.file(fileName(fromHex(conversation), fromHex(id)));
    if (!document || data === undefined) throw new EndError("gone");
    return new Blob([data], { type: document.mediaType });
  }

  /** The human's yes to a practice that lost its state and asks to come back (S33). */
  async agree(conversation: string): Promise<void> {
    await this.store.step((draft) => agree(draft, contextOf(draft), fromHex(conversation)));
  }

  /** This end's signature key, in hexadecimal; empty before anybody has said who they are. */
  get me(): string {
    const identity = identityOf(this.store.look());
    return identity === undefined ? "" : hex(identity.key);
  }

  /** Puts a piece of a call in line for one reader; what cannot be sent within a minute is not sent (C2). */
  async signal(conversation: string, body: Signal, to: string): Promise<void> {
    const kept = this.store.step((draft) => {
      const ctx = contextOf(draft);
      const content = encodeContent({ id: ctx.random(16), number: 0, sentAt: ctx.now, body });
      inLine(draft, fromHex(conversation), null, content, fromHex(to));
    });
    await orFull(kept);
  }

  hear(tell: (heard: Heard) => void): () => void {
    return this.store.hear(tell);
  }

  members(conversation: string): readonly string[] {
    const talk = loadTalk(this.store.look(), fromHex(conversation));
    if (talk === undefined || talk.conversation.phase !== "open") return [];
    return talk.groups[0]?.members.map(hex) ?? [];
  }

  /** The practice calls; a patient is called by nobody else (C4). */
  mayRing(conversation: string, key: string): boolean {
    const host = this.store.look().get("talk", conversation)?.conversation.host;
    return host !== undefined && hex(host) === key;
  }

  /** Without a server that relays media a call may still come about; where this person hides their address, it may not. */
  async ice(conversation: string): Promise<RTCConfiguration> {
    const queue = this.store.look().get("talk", conversation)?.conversation.queue;
    const found = queue === undefined ? {} : await getTurn(queue.relay, queue.read).catch(() => ({}));
    return this.hidesAddress ? { ...found, iceTransportPolicy: "relay" } : found;
  }

  keptDevices(): KeptDevices {
    return (this.store.look().get("setting", "devices")?.value as KeptDevices | undefined) ?? {};
  }

  async keepDevices(kept: KeptDevices): Promise<void> {
    await orFull(this.store.step((draft) => draft.put("setting", "devices", { value: kept })));
  }

  get hidesAddress(): boolean {
    return this.store.look().get("setting", "hides-address")?.value === true;
  }

  async hideAddress(value: boolean): Promise<void> {
    await orFull(this.store.step((draft) => draft.put("setting", "hides-address", { value })));
  }

  async keepCall(kept: Kept | null): Promise<void> {
    await this.store.step((draft) => (kept ? draft.put("setting", "call", { value: kept }) : draft.delete("setting", "call")));
  }

  keptCall(): Kept | null {
    return (this.store.look().get("setting", "call")?.value as Kept | undefined) ?? null;
  }

  /** Of this end and that person's key, to be compared aloud (S9). */
  safetyNumber(key: string): Promise<string> {
    return safetyNumber(fromHex(this.me), fromHex(key));
  }

  isVerified(key: string): boolean {
    return this.verified.includes(key);
  }

  async setVerified(key: string, isVerified: boolean): Promise<void> {
    const others = this.verified.filter((one) => one !== key);
    const value = isVerified ? [...others, key] : others;
    await orFull(this.store.step((draft) => draft.put("setting", "verified", { value })));
  }

  private get verified(): readonly string[] {
    return (this.store.look().get("setting", "verified")?.value as string[] | undefined) ?? [];
  }

  /** Leaves: a last word to the host, in its turn, and the queue is dropped (S29). */
  async leave(conversation: string): Promise<void> {
    await this.store.step((draft) => {
      const ctx = contextOf(draft);
      const body = { is: "wish", wish: WishKind.leave, keyPackage: new Uint8Array(0) } as const;
      const talk = draft.get("talk", conversation)?.conversation;
      if (talk === undefined) return;
      const content = encodeContent({ id: ctx.random(16), number: 0, sentAt: ctx.now, body });
      inLine(draft, talk.id, null, content, talk.host);
    });
  }

  /** Everything that is here goes: keys, words and documents. The others keep what they have. */
  async forget(): Promise<void> {
    this.engine.stop();
    await this.store.close();
    await this.store.backing.wipe();
  }

  listen(changed: () => void): () => void {
    this.watchers.add(changed);
    return () => this.watchers.delete(changed);
  }

  /** Once for everything that happens in one turn of the browser. */
  private tell(): void {
    if (this.told) return;
    this.told = true;
    setTimeout(() => {
      this.told = false;
      for (const changed of this.watchers) changed();
    });
  }
}

/** Throws `EndError` where this device keeps nothing more. */
const orFull = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw error instanceof NotKept ? new EndError("full") : error;
  });
