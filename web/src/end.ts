/** The small interface that the views stand on: the patient's page has MLS behind it, the desk's front its local API. */

import type { Phase } from "./session/model.ts";
import type { Happening } from "./session/effects.ts";
import type { State } from "./store/records.ts";

/** Keys and ids are hexadecimal. `here`: whether they are known to be looking now. */
export interface Person {
  readonly key: string;
  readonly name: string;
  readonly profession: string;
  readonly rpps: string;
  readonly verified: boolean;
  readonly here: boolean;
}

/** `host`: the key of whoever made it; `last`: its newest entry; `late`: something in it was not delivered in time. */
export interface Conversation {
  readonly id: string;
  readonly short: string;
  readonly name: string;
  readonly phase: Phase;
  readonly pair: boolean;
  readonly host: string;
  readonly people: readonly Person[];
  readonly unread: number;
  readonly last: Entry | null;
  readonly late: boolean;
}

/** `done`: the share that is through, from 0 to 1. */
export interface Attached {
  readonly name: string;
  readonly mediaType: string;
  readonly size: number;
  readonly done: number;
}

/** `same-name` and `lost-own` are told by an end in Python only. */
export interface Told {
  readonly what: Happening | "same-name" | "lost-own";
  readonly who: string;
  readonly count: number;
}

/** One line of a conversation. `author` is null for mine. Times in milliseconds since the epoch. */
export interface Entry {
  readonly id: string;
  readonly conversation: string;
  readonly author: string | null;
  readonly kind: "text" | "file" | "notice";
  readonly text: string;
  readonly document?: Attached;
  readonly state: State;
  readonly sentAt: number;
  readonly cameAt: number;
  readonly late: boolean;
  readonly notice?: Told;
}

export interface Page {
  /** Only what stands before the entry of this id. */
  readonly before?: string;
  /** What stands around the entry of this id. */
  readonly around?: string;
  readonly limit: number;
}

/** Why something could not be put in line, in a word that the views have sentences for. */
export class EndError extends Error {
  override readonly name: string = "EndError";

  /** `said`: the end's own sentence for it, in both languages, where it has one. */
  constructor(
    readonly why: "over" | "empty" | "too-long" | "too-large" | "full" | "gone",
    readonly said?: Readonly<Record<"fr" | "en", string>>,
  ) {
    super(why);
  }
}

export interface End {
  list(): Promise<Conversation[]>;
  /** Oldest first. */
  history(conversation: string, page: Page): Promise<Entry[]>;
  /** Throws `EndError`. */
  send(conversation: string, text: string): Promise<void>;
  attach(conversation: string, file: File): Promise<void>;
  retract(conversation: string, id: string): Promise<void>;
  /** This person has seen everything that is there now. */
  read(conversation: string): Promise<void>;
  document(conversation: string, id: string): Promise<Blob>;
  /** Where the browser finds a document by itself, so that the page need not hold it; absent where it lies in the page alone. */
  address?(conversation: string, id: string): string;
  /** `changed` is told after anything has changed; gives back what stops that. */
  listen(changed: () => void): () => void;
}
