/** What a call needs of an end: the patient's page has MLS behind it, the desk's front its local API. */

import type { Signal } from "../wire/content/call/signal.ts";
import type { Choice } from "./media.ts";
import type { Kept } from "./model.ts";

/** A piece of a call that came. Keys and ids in hexadecimal. */
export interface HeardSignal {
  readonly conversation: string;
  readonly author: string;
  readonly signal: Signal;
}

/** Names of devices as this browser gives them to this page alone. */
export interface KeptDevices extends Choice {
  readonly speaker?: string;
  readonly isChecked?: boolean;
}

export interface CallEnd {
  /** This end's signature key. */
  readonly me: string;
  /** Everybody in the conversation's group, me too. */
  members(conversation: string): readonly string[];
  /** Whether that person's call is put to this person: the host's alone, at a patient's. */
  mayRing(conversation: string, key: string): boolean;
  signal(conversation: string, signal: Signal, to: string): Promise<void>;
  hear(tell: (heard: HeardSignal) => void): () => void;
  /** Servers that relay sealed media; none where the practice's relay names none. `relayOnly`: addresses are hidden. */
  ice(conversation: string): Promise<RTCConfiguration>;
  keepCall(kept: Kept | null): Promise<void>;
  keptCall(): Kept | null;
  /** The devices that this person chose. */
  keptDevices(): KeptDevices;
  keepDevices(kept: KeptDevices): Promise<void>;
  listen(changed: () => void): () => void;
}
