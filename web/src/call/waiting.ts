/** The waiting room, from where one waits: whether the practice is there, and its last word (C12, C13). Rules only. */

import type { Signal } from "../wire/content/call/signal.ts";
import { There } from "../wire/content/call/presence.ts";

/** How often presence is told again, and how long it is believed, in milliseconds. */
export const TELL_MS = 60_000;
export const BELIEVED_MS = 150_000;

export interface Room {
  readonly there: There | null;
  readonly heardAt: number;
  readonly word: { readonly minutes: number; readonly text: string; readonly admitted: boolean; readonly at: number } | null;
  readonly told: There | null;
  readonly toldAt: number;
}

export const EMPTY: Room = { there: null, heardAt: 0, word: null, told: null, toldAt: 0 };

/** Only what the host says counts. */
export function heard(room: Room, isHost: boolean, signal: Signal, now: number): Room {
  if (!isHost) return room;
  if (signal.is === "presence") return { ...room, there: signal.there, heardAt: now };
  if (signal.is !== "word") return room;
  const { minutes, text, admitted } = signal;
  return { ...room, there: There.here, heardAt: now, word: { minutes, text, admitted, at: now } };
}

/** What is still true, and what this end has to tell the host now, or `null`: nothing to a practice that has not said that it is
there, and whether this person looks at the page or not. */
export function tick(room: Room, looks: boolean, now: number): readonly [Room, There | null] {
  const isOld = room.there !== null && now - room.heardAt > BELIEVED_MS;
  const current = isOld ? { ...room, there: null } : room;
  if (current.there === null) return [current.told === null ? current : { ...current, told: null }, null];
  const mine = looks ? There.here : There.away;
  const isDue = mine !== current.told || (looks && now - current.toldAt >= TELL_MS);
  return isDue ? [{ ...current, told: mine, toldAt: now }, mine] : [current, null];
}
