/** The waiting room, as the desk tells it (`docs/desk-api.md`). */

import { useEffect, useState } from "preact/hooks";

import { There } from "../wire/content/call/presence.ts";
import type { DeskSay, DeskWord } from "./speech.ts";

export interface Waiting {
  readonly conversation: string;
  readonly key: string;
  readonly there: There;
  readonly since: number;
}

/** `there`: what the practitioner has chosen, 0 where patients are told nothing; `expected`: conversations. */
export interface Room {
  readonly there: There | 0;
  readonly expected: readonly string[];
  readonly waiting: readonly Waiting[];
}

export const CHOICES: readonly (readonly [There | 0, DeskWord])[] = [
  [0, "room_none"],
  [There.here, "room_here"],
  [There.withSomeone, "room_withSomeone"],
  [There.away, "room_away"],
];

const LOOK_MS = 20_000;

/** The time, now and then. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}

export function waitWords({ there, since }: Waiting, now: number, say: DeskSay): string {
  const count = Math.max(0, Math.floor((now - since) / 60_000));
  if (there !== There.here) return say("room_elsewhere", { count });
  return count === 0 ? say("room_justCame") : say("room_waits", { count });
}
