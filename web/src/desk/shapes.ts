/** What the desk's API gives (`docs/desk-api.md`): keys and ids in hexadecimal, times in milliseconds since the epoch. */

import type { Attached, Conversation, Entry, Person } from "../end.ts";

export type Standing = "new" | "closed" | "locked" | "open";

export interface Me {
  readonly key: string;
  readonly name: string;
  readonly profession: string;
  readonly rpps: string;
  readonly relay: string;
}

/** `passphrase`: whether one is asked for; `reached`: whether the relay answers. */
export interface DeskState {
  readonly standing: Standing;
  readonly passphrase: boolean;
  readonly me: Me | null;
  readonly reached?: boolean;
}

export interface DeskPerson extends Person {
  readonly blocked: boolean;
}

/** `mine`: hosted here; `asking`: keys of those who have lost their state and ask to come back. */
export interface DeskConversation extends Conversation {
  readonly people: readonly DeskPerson[];
  readonly mine: boolean;
  readonly secondHost: string | null;
  readonly asking: readonly string[];
}

/** As the desk sends it: `done` counts bytes there, and is a share for the views. */
export type SentEntry = Omit<Entry, "document"> & { readonly document?: Attached };

export const entryOf = ({ document, ...entry }: SentEntry): Entry =>
  document === undefined
    ? entry
    : { ...entry, document: { ...document, done: document.size === 0 ? 1 : document.done / document.size } };

export interface Newcomer {
  readonly key: string;
  readonly name: string;
  readonly profession: string;
  readonly rpps: string;
  readonly words: string;
  readonly cameAt: number;
  readonly blocked: boolean;
  readonly looksKnown: boolean;
}

export interface Pending {
  readonly id: string;
  readonly for: string;
  readonly until: number;
  readonly ready: boolean;
  readonly expired: boolean;
}

export interface Letter {
  readonly subject: string;
  readonly mail: string;
  readonly sms: string;
}

export interface Invitation extends Omit<Pending, "expired"> {
  readonly link: string;
  /** An SVG. */
  readonly qr: string;
  readonly letter: Readonly<Record<"fr" | "en", Letter>>;
}

export interface Found {
  readonly conversations: readonly string[];
  readonly messages: readonly Entry[];
}

/** The 24 words of the recovery sheet, in both lists. */
export interface Sheet {
  readonly words: Readonly<Record<"fr" | "en", readonly string[]>>;
}
