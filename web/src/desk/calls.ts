/** What calls need of the desk (`call/end.ts`): its program has MLS, and remembers; this page has camera and microphone. */

import type { CallEnd, HeardSignal, KeptDevices } from "../call/end.ts";
import type { Kept } from "../call/model.ts";
import { decodeContent, encodeContent } from "../wire/content/content.ts";
import { isSignal, type Signal } from "../wire/content/call/signal.ts";
import { fromHex, hex } from "../wire/text.ts";
import { get, post } from "./api.ts";
import type { DeskConversation, Me } from "./shapes.ts";

const AGAIN_MS = 1_500;
/** Of two pages of one desk, one has the calls. */
const LOCK = "colloque-calls";

interface Remembered {
  readonly kept: Kept | null;
  readonly devices: KeptDevices;
  readonly telephone: string;
}

interface Turn {
  readonly urls?: string[];
  readonly username?: string;
  readonly credential?: string;
  readonly only?: boolean;
}

interface Known {
  readonly members: readonly string[];
  readonly mayRing: ReadonlySet<string>;
}

export class DeskCalls implements CallEnd {
  me = "";
  /** A number to call back, told with each call; or empty. */
  telephone = "";
  private kept: Kept | null = null;
  private devices: KeptDevices = {};
  private known = new Map<string, Known>();
  private readonly hearers = new Set<(heard: HeardSignal) => void>();
  private readonly watchers = new Set<() => void>();
  private socket: WebSocket | undefined;

  /** Tells `ready` once this page has the calls; gives back what stops that. */
  start(ready: () => void): () => void {
    const stopped = new AbortController();
    // Also where another window has the calls: the settings are everybody's.
    void this.remember().catch(() => undefined);
    const held = navigator.locks.request(LOCK, { signal: stopped.signal }, async () => {
      const over = new Promise<void>((done) => stopped.signal.addEventListener("abort", () => done()));
      await this.remember();
      if (!stopped.signal.aborted) {
        this.connect();
        ready();
      }
      await over;
    });
    void held.catch(() => undefined);
    return () => {
      stopped.abort();
      const { socket } = this;
      this.socket = undefined;
      socket?.close();
    };
  }

  /** Who I am, and who is in which conversation. Calls are put to this person where a host or a colleague makes them: patients
  wait until they are called (C4). */
  know(me: Me | null, conversations: readonly DeskConversation[]): void {
    this.me = me?.key ?? "";
    this.known = new Map(
      conversations.map(({ id, phase, host, people }) => [
        id,
        {
          members: phase === "open" ? [this.me, ...people.filter(({ here, blocked }) => here && !blocked).map(({ key }) => key)] : [],
          mayRing: new Set(people.filter((one) => !one.blocked && (one.key === host || one.profession !== "")).map(({ key }) => key)),
        },
      ]),
    );
    for (const told of this.watchers) told();
  }

  members(conversation: string): readonly string[] {
    return this.known.get(conversation)?.members ?? [];
  }

  mayRing(conversation: string, key: string): boolean {
    return this.known.get(conversation)?.mayRing.has(key) ?? false;
  }

  async signal(conversation: string, body: Signal, to: string): Promise<void> {
    const piece = encodeContent({ id: new Uint8Array(16), number: 0, sentAt: 0, body });
    await post(`/api/conversations/${conversation}/signals`, { to, piece: hex(piece) });
  }

  hear(tell: (heard: HeardSignal) => void): () => void {
    this.hearers.add(tell);
    return () => this.hearers.delete(tell);
  }

  /** Without a server that relays media a call may still come about. */
  async ice(conversation: string): Promise<RTCConfiguration> {
    const { urls, username, credential, only }: Turn = await get<Turn>(`/api/conversations/${conversation}/turn`).catch(() => ({}));
    if (urls === undefined || username === undefined || credential === undefined) return {};
    return { iceServers: [{ urls, username, credential }], iceTransportPolicy: only ? "relay" : "all" };
  }

  async keepCall(kept: Kept | null): Promise<void> {
    this.kept = kept;
    await post("/api/calling", { kept });
  }

  keptCall(): Kept | null {
    return this.kept;
  }

  keptDevices(): KeptDevices {
    return this.devices;
  }

  async keepDevices(devices: KeptDevices): Promise<void> {
    this.devices = devices;
    await post("/api/calling", { devices });
  }

  async keepTelephone(telephone: string): Promise<void> {
    await post("/api/calling", { telephone });
    this.telephone = telephone;
  }

  listen(changed: () => void): () => void {
    this.watchers.add(changed);
    return () => this.watchers.delete(changed);
  }

  private async remember(): Promise<void> {
    const found = await get<Remembered>("/api/calling");
    this.kept = found.kept;
    this.devices = found.devices;
    this.telephone = found.telephone;
  }

  private connect(): void {
    const socket = new WebSocket(`ws://${location.host}/api/calls`);
    this.socket = socket;
    socket.onmessage = ({ data }) => {
      const { conversation, author, piece } = JSON.parse(String(data)) as Record<"conversation" | "author" | "piece", string>;
      const { body } = decodeContent(fromHex(piece));
      if (!isSignal(body)) return;
      for (const tell of this.hearers) tell({ conversation, author, signal: body });
    };
    socket.onclose = () => setTimeout(() => this.socket === socket && this.connect(), AGAIN_MS);
  }
}
