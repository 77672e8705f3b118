/** A report that is begun: what the form holds, where it starts from, and how the desk wants it (`docs/desk-api.md`). Rules only. */

import type { CallFacts } from "../call/facts.ts";
import type { DeskSay, DeskWord } from "./speech.ts";
import type { DeskConversation } from "./shapes.ts";

export interface Stated {
  readonly none: boolean;
  readonly text: string;
}

export const STATED = ["acts", "prescriptions", "incidents"] as const;

/** `began` and `ended` as a field of local time has them; `people`: a line each; `to`: conversations; `held`: empty where nobody said. */
export interface Begun extends Readonly<Record<(typeof STATED)[number], Stated>> {
  readonly id: string;
  /** When the call began that it is of; 0 without one. */
  readonly call: number;
  readonly name: string;
  readonly born: string;
  readonly verified: boolean;
  readonly people: string;
  readonly began: string;
  readonly ended: string;
  readonly held: "" | "video" | "sound";
  readonly found: string;
  readonly corrects: string | null;
  readonly to: readonly string[];
}

export interface Written {
  readonly patient: { readonly name: string; readonly born: string; readonly verified: boolean };
  readonly people: readonly string[];
  readonly began: number;
  readonly ended: number;
  readonly held: "video" | "sound";
  readonly found: string;
  readonly acts: Stated;
  readonly prescriptions: Stated;
  readonly incidents: Stated;
}

export interface KeptReport {
  readonly id: string;
  readonly madeAt: number;
  readonly corrects: string | null;
  readonly name: string;
  readonly report: Written;
  readonly sent: readonly { readonly conversation: string; readonly state: string | null }[];
}

const UNSAID: Stated = { none: false, text: "" };

const INCIDENTS: Readonly<Record<string, DeskWord>> = {
  "line-lost": "report_lineLost",
  "page-reopened": "report_pageReopened",
  "picture-paused": "report_picturePaused",
  "refused-forged": "report_refusedForged",
  "not-reached": "report_notReached",
};

/** Of a call, or of none: what is not known is left to be said. */
export function beginning(conversation: DeskConversation, facts: CallFacts | null, id: string, say: DeskSay): Begun {
  const { people, pair } = conversation;
  const [person] = people;
  const there = facts === null ? people : people.filter(({ key }) => facts.people.includes(key));
  const told = [...new Set(facts?.incidents ?? [])].map((code) => (INCIDENTS[code] ? say(INCIDENTS[code]) : code));
  return {
    ...{ id, born: "", found: "", corrects: null, to: [conversation.id], acts: UNSAID, prescriptions: UNSAID },
    call: facts?.began ?? 0,
    name: pair ? (person?.name ?? "") : "",
    verified: pair && person?.verified === true,
    people: there.map(({ name }) => name).join("\n"),
    began: facts === null ? "" : localTime(facts.began),
    ended: facts === null ? "" : localTime(facts.ended),
    held: facts === null ? "" : facts.soundOnly ? "sound" : "video",
    incidents: { none: false, text: told.join("\n") },
  };
}

/** What was begun goes on; what is known of a call that it is not of yet takes the place of what it says of when and how. */
export function resumed(draft: Begun | null, facts: CallFacts | null, fresh: Begun): Begun {
  if (draft === null || draft.corrects !== null) return facts === null && draft !== null ? draft : fresh;
  if (facts === null || draft.call === facts.began) return draft;
  const { call, people, began, ended, held, incidents } = fresh;
  return { ...draft, call, people, began, ended, held, incidents };
}

/** A new one that names the one it corrects. */
export const correcting = (kept: KeptReport, conversation: string, id: string): Begun => ({
  ...{ id, call: 0, corrects: kept.id, to: [conversation], held: kept.report.held, found: kept.report.found },
  ...kept.report.patient,
  people: kept.report.people.join("\n"),
  began: localTime(kept.report.began),
  ended: localTime(kept.report.ended),
  acts: kept.report.acts,
  prescriptions: kept.report.prescriptions,
  incidents: kept.report.incidents,
});

/** What the desk takes; what was not said is null there, and refused by name. */
export function asAsked(begun: Begun, language: "fr" | "en"): object {
  const { name, born, verified, people, began, ended, held, found, corrects } = begun;
  const stated = ({ none, text }: Stated): Stated => (none ? { none, text: "" } : { none, text: text.trim() });
  return {
    ...{ language, zone: Intl.DateTimeFormat().resolvedOptions().timeZone, found, corrects },
    patient: { name, born, verified },
    people: people.split("\n").map((line) => line.trim()).filter(Boolean),
    began: atTime(began),
    ended: atTime(ended),
    held: held || null,
    acts: stated(begun.acts),
    prescriptions: stated(begun.prescriptions),
    incidents: stated(begun.incidents),
  };
}

const two = (number: number): string => String(number).padStart(2, "0");

export function localTime(at: number): string {
  const day = new Date(at);
  const date = `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
  return `${date}T${two(day.getHours())}:${two(day.getMinutes())}`;
}

function atTime(local: string): number | null {
  const at = new Date(local).getTime();
  return Number.isNaN(at) ? null : at;
}
