/** The call of one conversation: rules, connections and devices put together, for the views. */

import { hex } from "../wire/text.ts";
import { Media } from "../wire/content/call/agree.ts";
import { random } from "../crypto/primitives.ts";
import type { CallEnd, HeardSignal } from "./end.ts";
import { factsOf, note, type CallFacts, type Noted } from "./facts.ts";
import { openBoth, openPicture, openScreen, openSound, type Choice, type Had, type Tracks } from "./media.ts";
import { isIn, type CallEffect, type CallEvent, type CallState } from "./model.ts";
import { Peer, type Incoming } from "./peer.ts";
import { gauge } from "./gauge.ts";
import { step } from "./rules.ts";
import { fresh, pictureBits, soundBits, steer, type Quality, type Steer } from "./steer.ts";

const TICK_MS = 1_000;
const LOOK_MS = 2_000;
const KEEP_MS = 20_000;
/** A page that was closed longer than this does not go back into a call by itself. */
export const RESUME_MS = 120_000;

/** What the views show of this end's own devices. */
export interface Own extends Tracks {
  readonly soundHad: Had;
  readonly pictureHad: Had;
  readonly isMuted: boolean;
  readonly isHidden: boolean;
  readonly isSharing: boolean;
}

const NOTHING: Own = {
  ...{ sound: null, picture: null, soundHad: "on", pictureHad: "on" },
  ...{ isMuted: false, isHidden: false, isSharing: false },
};

export class Call {
  state: CallState | null = null;
  own: Own = NOTHING;
  choice: Choice = {};
  /** Of the call that was the last here; null before one is over. */
  facts: CallFacts | null = null;
  private noted: Noted | null = null;
  private readonly peers = new Map<string, Peer>();
  private readonly steers = new Map<string, Steer>();
  private readonly watchers = new Set<() => void>();
  speaker = "";
  private readonly stops: (() => void)[];
  private timers: ReturnType<typeof setInterval>[] = [];
  private camera: MediaStreamTrack | null = null;
  private config: RTCConfiguration = {};
  private keptAt = 0;
  private keptAs = "";
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly end: CallEnd,
    readonly conversation: string,
    private readonly isBusy: () => boolean = () => false,
  ) {
    this.stops = [end.hear((heard) => this.heard(heard)), end.listen(() => this.happen({ is: "members" })), () => this.beat(false)];
    const kept = end.keptCall();
    if (kept?.conversation !== conversation) return;
    this.noted = kept.noted;
    if (Date.now() - kept.at > RESUME_MS) void end.keepCall(null).catch(() => undefined);
    else {
      void this.open(kept.video).then(() => {
        this.happen({ is: "resume", kept, media: this.media });
        if (this.state === null) this.release();
      });
    }
  }

  /** Of this view of the conversation: a call that is on goes on elsewhere only after `resume`. */
  stop(): void {
    for (const stop of this.stops) stop();
    this.closeAll();
  }

  // --- what this person does ---

  async ring(people: readonly string[], video: boolean, telephone = ""): Promise<void> {
    await this.open(video);
    const id = hex(random(16));
    const all = [this.end.me, ...people];
    this.happen({ is: "call", id, me: this.end.me, people: all, video, telephone, media: this.media });
    if (this.state?.id !== id) this.release();
  }

  /** Who is in it from now on, this end too; of this end's own call. */
  invite(people: readonly string[]): void {
    this.happen({ is: "invite", people });
  }

  async agree(video: boolean): Promise<void> {
    await this.open(video);
    this.happen({ is: "agree", media: this.media });
  }

  decline(): void {
    this.happen({ is: "decline" });
  }

  hangUp(): void {
    this.happen({ is: "hang-up" });
  }

  mute(isMuted: boolean): void {
    if (this.own.sound) this.own.sound.enabled = !isMuted;
    this.changeOwn({ isMuted });
  }

  hide(isHidden: boolean): void {
    if (this.own.picture && !this.own.isSharing) this.own.picture.enabled = !isHidden;
    this.changeOwn({ isHidden });
  }

  async chooseSound(choice: Choice): Promise<void> {
    this.remember(choice);
    const [sound, soundHad] = await openSound(this.choice);
    this.own.sound?.stop();
    if (sound) sound.enabled = !this.own.isMuted;
    this.changeOwn({ sound, soundHad });
  }

  async choosePicture(choice: Choice): Promise<void> {
    this.remember(choice);
    // A telephone opens its second camera only once the first is closed.
    this.camera?.stop();
    const [picture, pictureHad] = await openPicture(this.choice);
    this.camera = picture;
    if (picture) picture.enabled = !this.own.isHidden;
    if (!this.own.isSharing) this.changeOwn({ picture, pictureHad });
  }

  /** What was chosen once is not asked for again. */
  private remember(choice: Choice): void {
    this.choice = { ...this.choice, ...choice };
    const { microphone, camera } = this.choice;
    const chosen = { ...(microphone ? { microphone } : {}), ...(camera ? { camera } : {}) };
    void this.end.keepDevices({ ...this.end.keptDevices(), ...chosen }).catch(() => undefined);
  }

  async share(): Promise<void> {
    const screen = await openScreen();
    if (screen === null) return;
    screen.addEventListener("ended", () => this.unshare());
    this.changeOwn({ picture: screen, isSharing: true });
  }

  unshare(): void {
    if (!this.own.isSharing) return;
    this.own.picture?.stop();
    this.changeOwn({ picture: this.camera, isSharing: false });
  }

  // --- what the views see ---

  watch(changed: () => void): () => void {
    this.watchers.add(changed);
    return () => this.watchers.delete(changed);
  }

  /** What that person sends, once it is known to be them. */
  incoming(key: string): Incoming | null {
    const peer = this.peers.get(key);
    return peer?.isAdmitted ? peer.incoming : null;
  }

  quality(key: string): Quality | null {
    return this.state?.links[key]?.stage === "connected" ? (this.steers.get(key)?.quality ?? null) : null;
  }

  // --- inside ---

  private get media(): number {
    const { sound, picture, isMuted, isHidden, isSharing } = this.own;
    const screen = isSharing ? Media.screen : 0;
    const shows = picture && !this.isPaused && (!isHidden || isSharing);
    return (sound && !isMuted ? Media.sound : 0) | (shows ? Media.picture : 0) | screen;
  }

  private get isPaused(): boolean {
    return this.steers.size > 0 && [...this.steers.values()].every((one) => !one.picture);
  }

  private heard({ conversation, author, signal }: HeardSignal): void {
    if (conversation === this.conversation) this.happen({ is: "heard", me: this.end.me, from: author, signal });
  }

  private happen(event: CallEvent): void {
    const { end, conversation } = this;
    const around = {
      now: Date.now(),
      members: end.members(conversation),
      mayRing: (key: string) => end.mayRing(conversation, key),
      isBusy: this.isBusy(),
    };
    const before = this.state;
    const [after, effects] = step(before, event, around);
    this.state = after;
    for (const effect of effects) this.carryOut(effect);
    this.note(before);
    this.beat(after !== null && after.phase !== "over");
    this.keep();
    if (after === before && effects.length === 0) return;
    if (after?.phase === "over") this.release();
    for (const changed of this.watchers) changed();
  }

  /** Time passes for a call that is on, or asked for; a desk has hundreds of conversations without one. */
  private beat(isOn: boolean): void {
    if (isOn === this.timers.length > 0) return;
    for (const timer of this.timers) clearInterval(timer);
    this.timers = isOn
      ? [setInterval(() => this.happen({ is: "tick" }), TICK_MS), setInterval(() => void this.look(), LOOK_MS)]
      : [];
  }

  private note(before: CallState | null): void {
    const { state } = this;
    if (state === null || (state.phase === "over" && before?.phase === "over")) return;
    this.noted = note(this.noted, before?.id === state.id ? before : null, state, this.isPaused, Date.now());
    this.facts = state.phase === "over" ? factsOf(this.noted, Date.now()) : null;
  }

  private carryOut(e: CallEffect): void {
    switch (e.is) {
      case "send":
        // In order, and what cannot be kept here cannot be sent either: the next tick tries anew.
        this.turn = this.turn.then(() => this.end.signal(this.conversation, e.signal, e.to)).catch(() => undefined);
        return;
      case "open":
        return this.connect(e.peer, e.attempt, e.offer);
      case "take":
        return this.peers.get(e.peer)?.take(e.kind, e.round, e.sdp);
      case "add":
        return this.peers.get(e.peer)?.add(e.items);
      case "restart":
        return this.peers.get(e.peer)?.restart(e.round);
      case "admit":
        return this.peers.get(e.peer)?.admit();
      case "close":
        this.peers.get(e.peer)?.close();
        this.peers.delete(e.peer);
        this.steers.delete(e.peer);
        return;
    }
  }

  private connect(peer: string, attempt: number, offer: boolean): void {
    this.peers.get(peer)?.close();
    const of = { peer, attempt };
    this.peers.set(
      peer,
      new Peer(this.config, offer, this.own, {
        described: (round, fingerprint, sdp) => this.happen({ is: "described", ...of, round, fingerprint, sdp }),
        found: (round, items) => this.happen({ is: "found", ...of, round, items }),
        connected: (certificate) => this.happen({ is: "connected", ...of, certificate }),
        lost: () => this.happen({ is: "lost", ...of }),
      }),
    );
  }

  /** How the lines are, and what follows from it for the picture. */
  private async look(): Promise<void> {
    const live = Object.entries(this.state?.links ?? {}).filter(([, { stage }]) => stage === "connected");
    let changed = false;
    for (const [key] of live) {
      const peer = this.peers.get(key);
      if (peer === undefined) continue;
      const sample = await gauge(peer.pc).catch(() => null);
      if (sample === null) continue;
      const before = this.steers.get(key) ?? fresh(sample.now);
      const after = steer(before, sample);
      this.steers.set(key, after);
      peer.limit({ picture: after.picture, pictureBits: pictureBits(live.length), soundBits: soundBits(after.picture) });
      changed ||= after.quality !== before.quality || after.picture !== before.picture;
    }
    if (!changed) return;
    this.happen({ is: "media", media: this.media });
    for (const told of this.watchers) told();
  }

  private async open(video: boolean): Promise<void> {
    this.release();
    const { microphone, camera, speaker } = this.end.keptDevices();
    this.choice = { ...(microphone ? { microphone } : {}), ...(camera ? { camera } : {}) };
    this.speaker = speaker ?? "";
    const [opened, config] = await Promise.all([openBoth(this.choice, video), this.end.ice(this.conversation)]);
    this.config = config;
    this.camera = opened.picture;
    this.own = { ...NOTHING, ...opened };
  }

  private changeOwn(changes: Partial<Own>): void {
    this.own = { ...this.own, ...changes };
    for (const peer of this.peers.values()) peer.send(this.own);
    this.happen({ is: "media", media: this.media });
    for (const changed of this.watchers) changed();
  }

  /** So that a page that is opened anew goes on; nothing of it outlives the call. */
  private keep(): void {
    const { state, conversation } = this;
    if (state !== null && isIn(state)) {
      const { id, me, ringer, people, video, telephone, session } = state;
      const { noted } = this;
      const as = `${id} ${session} ${String(people)} ${noted?.began} ${noted?.incidents.length}`;
      if (as === this.keptAs && Date.now() - this.keptAt < KEEP_MS) return;
      [this.keptAt, this.keptAs] = [Date.now(), as];
      const kept = { conversation, id, me, ringer, people, video, telephone, session, at: this.keptAt, noted };
      void this.end.keepCall(kept).catch(() => undefined);
    } else if (this.keptAt > 0) {
      this.keptAt = 0;
      void this.end.keepCall(null).catch(() => undefined);
    }
  }

  private closeAll(): void {
    for (const peer of this.peers.values()) peer.close();
    this.peers.clear();
    this.release();
  }

  /** Camera and microphone go dark. */
  private release(): void {
    for (const track of [this.own.sound, this.own.picture, this.camera]) track?.stop();
    this.camera = null;
    this.own = NOTHING;
    this.steers.clear();
  }
}
