/** What an end knows of one call, what happens to it, and what is to be done then. Values only. Keys and ids in hexadecimal,
times in milliseconds. */

import type { Noted } from "./facts.ts";
import type { Signal } from "../wire/content/call/signal.ts";

/** The way to one other person in the call. `offering`, `answering`: descriptions are on their way; `broken`: the line is lost,
and whoever offers was asked for the next round; `refused`: what connected was not what had come by MLS. */
export type Stage = "idle" | "offering" | "answering" | "connected" | "broken" | "refused" | "gone";

export interface Link {
  /** Their session, 0 until they have agreed. */
  readonly heard: number;
  readonly media: number;
  readonly attempt: number;
  readonly round: number;
  readonly stage: Stage;
  readonly since: number;
  readonly tries: number;
  /** SHA-256 of their certificate for this attempt, as it came by MLS; empty before. */
  readonly fingerprint: string;
  /** Why they do not come, where they said so. */
  readonly away: "declined" | "busy" | null;
}

export type Over = "over" | "declined" | "busy" | "unanswered" | "removed" | "forged";

/** `asked`: somebody else calls, and this person has not said yes; `ringing`: this person calls; `in`: both have agreed, or
this page came back to a call. `people`: everybody, me too. */
export interface CallState {
  readonly id: string;
  readonly me: string;
  readonly ringer: string;
  readonly people: readonly string[];
  readonly video: boolean;
  readonly telephone: string;
  readonly phase: "asked" | "ringing" | "in" | "over";
  readonly why: Over | null;
  /** Mine. */
  readonly session: number;
  readonly media: number;
  readonly since: number;
  readonly links: Readonly<Record<string, Link>>;
}

/** Where this end stands when something happens: who is in the conversation, me too; who may call; whether another call is on. */
export interface Around {
  readonly now: number;
  readonly members: readonly string[];
  readonly mayRing: (key: string) => boolean;
  readonly isBusy: boolean;
}

export type CallEvent =
  | {
      readonly is: "call";
      readonly id: string;
      readonly me: string;
      readonly people: readonly string[];
      readonly video: boolean;
      readonly telephone: string;
      readonly media: number;
    }
  | { readonly is: "heard"; readonly me: string; readonly from: string; readonly signal: Signal }
  | { readonly is: "agree"; readonly media: number }
  | { readonly is: "decline" }
  | { readonly is: "media"; readonly media: number }
  | { readonly is: "invite"; readonly people: readonly string[] }
  | { readonly is: "hang-up" }
  /** This page was opened anew during the call `kept`. */
  | { readonly is: "resume"; readonly kept: Kept; readonly media: number }
  | {
      readonly is: "described";
      readonly peer: string;
      readonly attempt: number;
      readonly round: number;
      readonly fingerprint: string;
      readonly sdp: string;
    }
  | {
      readonly is: "found";
      readonly peer: string;
      readonly attempt: number;
      readonly round: number;
      readonly items: readonly (readonly [number, string])[];
    }
  /** `certificate`: SHA-256 of what the other side's DTLS showed. */
  | { readonly is: "connected"; readonly peer: string; readonly attempt: number; readonly certificate: string }
  | { readonly is: "lost"; readonly peer: string; readonly attempt: number }
  | { readonly is: "members" }
  | { readonly is: "tick" };

export type CallEffect =
  | { readonly is: "send"; readonly to: string; readonly signal: Signal }
  /** A new connection, in place of any that there was. */
  | { readonly is: "open"; readonly peer: string; readonly attempt: number; readonly offer: boolean }
  | {
      readonly is: "take";
      readonly peer: string;
      readonly attempt: number;
      readonly round: number;
      readonly kind: "offer" | "answer";
      readonly sdp: string;
    }
  | { readonly is: "add"; readonly peer: string; readonly attempt: number; readonly items: readonly (readonly [number, string])[] }
  | { readonly is: "restart"; readonly peer: string; readonly attempt: number; readonly round: number }
  /** What connected is who it should be: media may flow. */
  | { readonly is: "admit"; readonly peer: string; readonly attempt: number }
  | { readonly is: "close"; readonly peer: string };

export type CallStep<S = CallState> = readonly [S, readonly CallEffect[]];

/** What a page that is opened anew goes on from. */
export interface Kept {
  readonly conversation: string;
  readonly id: string;
  readonly me: string;
  readonly ringer: string;
  readonly people: readonly string[];
  readonly video: boolean;
  readonly telephone: string;
  readonly session: number;
  readonly at: number;
  readonly noted: Noted | null;
}

export const FRESH: Link = {
  heard: 0,
  media: 0,
  attempt: 0,
  round: 0,
  stage: "idle",
  since: 0,
  tries: 0,
  fingerprint: "",
  away: null,
};

/** Of two, the one whose key is the smaller offers (C7). */
export const offers = (me: string, other: string): boolean => me < other;
export const isIn = (state: CallState): boolean => state.phase === "in" || state.phase === "ringing";
export const others = (state: CallState): string[] => state.people.filter((key) => key !== state.me);

export const withLink = (state: CallState, key: string, changes: Partial<Link>): CallState => ({
  ...state,
  links: { ...state.links, [key]: { ...(state.links[key] ?? FRESH), ...changes } },
});
