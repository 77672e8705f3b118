/** What of a call is told when it is over: when, who, whether it was seen, and what went wrong. Rules only. */

import { Media } from "../wire/content/call/agree.ts";
import { others, type CallState, type Stage } from "./model.ts";

/** Times in milliseconds. `people`: keys of the others who were reached. `soundOnly`: at no time did a picture of anybody else
come. `incidents`: codes, in order. */
export interface CallFacts {
  readonly began: number;
  readonly ended: number;
  readonly people: readonly string[];
  readonly soundOnly: boolean;
  readonly incidents: readonly string[];
}

export type Incident = "line-lost" | "page-reopened" | "picture-paused" | "refused-forged" | "not-reached";

/** While it is on. `began`: when the first was reached, 0 before. */
export interface Noted {
  readonly call: string;
  readonly rang: number;
  readonly began: number;
  readonly people: readonly string[];
  readonly seen: boolean;
  readonly paused: boolean;
  readonly incidents: readonly string[];
}

/** More than these say nothing more. */
const MOST = 50;
const LOST: readonly Stage[] = ["broken", "offering", "answering"];

/** What is known after `after`; `before`: the state until then, null where this page was just opened. `paused`: this end's
picture rests because of a weak line. */
export function note(noted: Noted | null, before: CallState | null, after: CallState, paused: boolean, now: number): Noted {
  const isSame = noted?.call === after.id;
  const known = isSame ? noted : { call: after.id, rang: now, began: 0, people: [], seen: false, paused: false, incidents: [] };
  const links = others(after).map((key) => [key, before?.links[key], after.links[key]] as const);
  let told = known.incidents;
  const incidents: Incident[] = isSame && before === null ? ["page-reopened"] : [];
  if (paused && !known.paused) incidents.push("picture-paused");
  for (const [, was, link] of links) {
    if (link === undefined) continue;
    const isAnew = was !== undefined && was.heard > 0 && link.heard > was.heard;
    // A page that was closed is a lost line first.
    if (isAnew && LOST.includes(was.stage) && told.at(-1) === "line-lost") told = told.slice(0, -1);
    if (isAnew) incidents.push("page-reopened");
    else if (was?.stage === "connected" && LOST.includes(link.stage)) incidents.push("line-lost");
    if (was?.stage !== "refused" && link.stage === "refused") incidents.push("refused-forged");
  }
  const connected = links.filter(([, , link]) => link?.stage === "connected");
  const people = [...new Set([...known.people, ...connected.map(([key]) => key)])];
  // A screen that is shown goes in the place of a face.
  const shows = (media: number): boolean => (media & Media.picture) !== 0 && (media & Media.screen) === 0;
  const seen = known.seen || connected.some(([, , link]) => shows(link?.media ?? 0));
  if (after.phase === "over" && before?.phase !== "over" && others(after).some((key) => !people.includes(key))) {
    incidents.push("not-reached");
  }
  const began = known.began === 0 && connected.length > 0 ? now : known.began;
  return { ...known, began, people, seen, paused, incidents: [...told, ...incidents].slice(0, MOST) };
}

export const factsOf = ({ rang, began, people, seen, incidents }: Noted, now: number): CallFacts => ({
  began: began === 0 ? rang : began,
  ended: now,
  people,
  soundOnly: !seen,
  incidents,
});
