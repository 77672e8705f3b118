/** One connection to one other person: the thin outside of `linking.ts` over RTCPeerConnection. */

import { fingerprintOf, withLongPackets } from "./sdp.ts";
import { hex } from "../wire/text.ts";
import { AT_ONCE, CANDIDATE_BYTES } from "../wire/content/call/candidates.ts";
import { sha256 } from "../crypto/primitives.ts";
import { pictureBits, soundBits } from "./steer.ts";
import type { Tracks } from "./media.ts";

/** How long the browser may mend a line by itself, and how long candidates are gathered before they are sent, in milliseconds. */
const MEND_MS = 3_000;
const GATHER_MS = 60;

export interface PeerEvents {
  readonly described: (round: number, fingerprint: string, sdp: string) => void;
  readonly found: (round: number, items: readonly (readonly [number, string])[]) => void;
  /** SHA-256 of the certificate that the other side's DTLS showed, in hexadecimal; empty where it cannot be told. */
  readonly connected: (certificate: string) => void;
  readonly lost: () => void;
}

export interface Incoming {
  readonly sound: MediaStream;
  readonly picture: MediaStream;
}

export class Peer {
  readonly pc: RTCPeerConnection;
  /** What the other side sends; shown only once it was admitted. Apart: what waits for a picture would keep the sound waiting. */
  readonly incoming: Incoming = { sound: new MediaStream(), picture: new MediaStream() };
  private turn: Promise<void> = Promise.resolve();
  private round = 0;
  private admitted = false;
  private limits = { picture: true, pictureBits: pictureBits(1), soundBits: soundBits(true) };
  private closed = false;
  private mending: ReturnType<typeof setTimeout> | undefined;
  private gathering: ReturnType<typeof setTimeout> | undefined;
  private items: (readonly [number, string])[] = [];

  constructor(
    config: RTCConfiguration,
    offer: boolean,
    private tracks: Tracks,
    private readonly events: PeerEvents,
  ) {
    this.pc = new RTCPeerConnection({ ...config, bundlePolicy: "max-bundle" });
    this.pc.addEventListener("track", ({ track }) =>
      (track.kind === "audio" ? this.incoming.sound : this.incoming.picture).addTrack(track),
    );
    this.pc.addEventListener("icecandidate", ({ candidate }) => this.gather(candidate));
    this.pc.addEventListener("connectionstatechange", () => this.moved());
    if (!offer) return;
    // Both lines always: devices that come and go need no further description.
    this.pc.addTransceiver("audio", { direction: "sendrecv" });
    this.pc.addTransceiver("video", { direction: "sendrecv" });
    this.describe(0, () => this.pc.createOffer());
  }

  /** What is done to a connection is done in order; what a connection that was closed meanwhile says does not matter. */
  private then(work: () => Promise<void>): void {
    this.turn = this.turn.then(work).catch((error: unknown) => {
      if (this.closed) return;
      console.warn(`a step of a call failed: ${error instanceof Error ? error.name : typeof error}`);
      this.events.lost();
    });
  }

  private describe(round: number, make: () => Promise<RTCSessionDescriptionInit>): void {
    this.then(async () => {
      this.flush();
      this.round = round;
      await this.pc.setLocalDescription(await make());
      const sdp = this.pc.localDescription?.sdp ?? "";
      this.events.described(round, fingerprintOf(sdp), sdp);
    });
  }

  take(kind: "offer" | "answer", round: number, sdp: string): void {
    this.then(async () => {
      await this.pc.setRemoteDescription({ type: kind, sdp: withLongPackets(sdp) });
      if (kind === "answer") return;
      for (const line of this.pc.getTransceivers()) line.direction = "sendrecv";
    });
    if (kind === "offer") this.describe(round, () => this.pc.createAnswer());
  }

  add(items: readonly (readonly [number, string])[]): void {
    this.then(async () => {
      for (const [sdpMLineIndex, candidate] of items) {
        // One that this browser does not understand is one way fewer.
        await this.pc.addIceCandidate({ sdpMLineIndex, candidate }).catch(() => undefined);
      }
    });
  }

  restart(round: number): void {
    this.describe(round, () => this.pc.createOffer({ iceRestart: true }));
  }

  /** What connected is who it should be: from here on this end's media flow. */
  admit(): void {
    this.admitted = true;
    this.send(this.tracks);
  }

  /** Other devices, or none. */
  send(tracks: Tracks): void {
    this.tracks = tracks;
    if (!this.admitted) return;
    this.then(async () => {
      for (const { sender, receiver } of this.pc.getTransceivers()) {
        const isSound = receiver.track.kind === "audio";
        const track = isSound ? tracks.sound : this.limits.picture ? tracks.picture : null;
        if (sender.track !== track) await sender.replaceTrack(track);
        await this.bound(sender, isSound);
      }
    });
  }

  /** How much is sent, and whether a picture is. */
  limit(limits: Peer["limits"]): void {
    if (JSON.stringify(limits) === JSON.stringify(this.limits)) return;
    this.limits = limits;
    this.send(this.tracks);
  }

  private async bound(sender: RTCRtpSender, isSound: boolean): Promise<void> {
    const given = sender.getParameters();
    const [encoding] = given.encodings;
    if (encoding === undefined) return;
    encoding.maxBitrate = isSound ? this.limits.soundBits : this.limits.pictureBits;
    encoding.priority = encoding.networkPriority = isSound ? "high" : "low";
    if (!isSound) given.degradationPreference = "balanced";
    // A browser that takes no such wish goes on without.
    await sender.setParameters(given).catch(() => undefined);
  }

  get isAdmitted(): boolean {
    return this.admitted;
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.mending);
    clearTimeout(this.gathering);
    this.pc.close();
  }

  private gather(candidate: RTCIceCandidate | null): void {
    if (candidate === null || candidate.candidate === "" || candidate.candidate.length > CANDIDATE_BYTES) return;
    this.items.push([candidate.sdpMLineIndex ?? 0, candidate.candidate]);
    clearTimeout(this.gathering);
    this.gathering = setTimeout(() => this.flush(), GATHER_MS);
  }

  private flush(): void {
    clearTimeout(this.gathering);
    while (this.items.length > 0) this.events.found(this.round, this.items.splice(0, AT_ONCE));
  }

  private moved(): void {
    clearTimeout(this.mending);
    const state = this.pc.connectionState;
    if (state === "connected") void this.certificate().then((found) => this.closed || this.events.connected(found));
    else if (state === "failed") this.events.lost();
    else if (state === "disconnected") this.mending = setTimeout(() => this.events.lost(), MEND_MS);
  }

  /** Of what really connected. A browser that does not tell (Firefox 115) has held its DTLS to the description that it was
  given, whose fingerprint was compared before. */
  private async certificate(): Promise<string> {
    const [shown] = this.pc.getTransceivers()[0]?.sender.transport?.getRemoteCertificates?.() ?? [];
    if (shown !== undefined) return hex(await sha256(new Uint8Array(shown)));
    return fingerprintOf(this.pc.currentRemoteDescription?.sdp ?? "");
  }
}
