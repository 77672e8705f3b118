/** What this page finds when it is loaded: a link, what is kept here already, both, or neither. */

import { RelayError } from "../relay/errors.ts";
import type { Host } from "../session/greet.ts";
import { DeviceBacking } from "../store/indexed.ts";
import { holdLock, letGo } from "../store/lock.ts";
import { TabBacking } from "../store/tab.ts";
import { WireError } from "../wire/codec.ts";
import { decodeLink, type Link } from "../wire/links.ts";
import { PatientEnd } from "./end.ts";
import { LinkForOthers, LinkOver, look } from "./link.ts";
import type { Keeping } from "./Opening.tsx";

export type Problem = "over" | "damaged" | "unreached" | "empty" | "elsewhere" | "professional" | "old" | "broken" | "forgotten";

export type Scene =
  | { readonly is: "loading" }
  | { readonly is: "problem"; readonly what: Problem; readonly end?: PatientEnd | undefined }
  | { readonly is: "opening"; readonly link: Link; readonly host: Host; readonly end: PatientEnd | undefined }
  | { readonly is: "talks"; readonly end: PatientEnd; readonly open: string | undefined };

/** The link in the address, which is wiped from there: a reload finds it in this entry of the tab's history, until it was
used. Throws `WireError`. */
export function takeLink(): Link | undefined {
  const state = history.state as { readonly link?: unknown } | null;
  const given = location.hash.length > 1 ? location.href : state?.link;
  if (typeof given !== "string") return undefined;
  history.replaceState({ link: given }, "", location.pathname);
  return decodeLink(given);
}

export const forgetLink = (): void => history.replaceState(null, "", location.pathname);

export async function openEnd(keeping: Keeping): Promise<PatientEnd | undefined> {
  const kind = keeping === "device" ? DeviceBacking : TabBacking;
  if (!(await holdLock(kind.lock))) return undefined;
  try {
    return await PatientEnd.open(await kind.open());
  } catch (error) {
    letGo();
    throw error;
  }
}

async function kept(): Promise<Keeping | undefined> {
  if (await TabBacking.isThere()) return "tab";
  return (await DeviceBacking.isThere()) ? "device" : undefined;
}

/** Whether this browser has what the page cannot do without. */
const isAble = (): boolean =>
  typeof crypto !== "undefined" && "subtle" in crypto && "locks" in navigator && "indexedDB" in globalThis;

let current: PatientEnd | undefined;

let turn: Promise<unknown> = Promise.resolve();

/** One after the other: two at once would open the same records twice. */
function inTurn(work: () => Promise<Scene>): Promise<Scene> {
  const result = turn.then(work);
  turn = result.catch(() => undefined);
  return result;
}

/** Never rejects. */
export const begin = (): Promise<Scene> =>
  inTurn(() => found().catch((): Scene => ({ is: "problem", what: "broken" })));

async function found(): Promise<Scene> {
  if (!isAble()) return { is: "problem", what: "old" };
  let link: Link | undefined;
  try {
    link = takeLink();
  } catch {
    return { is: "problem", what: "damaged" };
  }
  const keeping = await kept();
  if (keeping !== undefined && current === undefined) {
    current = await openEnd(keeping);
    if (current === undefined) return { is: "problem", what: "elsewhere" };
  }
  return next(link, current);
}

/** What to show for a link, beside what is kept. */
async function next(link: Link | undefined, end: PatientEnd | undefined): Promise<Scene> {
  if (link === undefined) {
    const any = end !== undefined && (await end.list()).length > 0;
    return any ? { is: "talks", end, open: undefined } : { is: "problem", what: "empty" };
  }
  const known = end?.followed(link);
  if (end !== undefined && known !== undefined) {
    forgetLink();
    return { is: "talks", end, open: known };
  }
  try {
    return { is: "opening", link, host: await look(link, Date.now()), end };
  } catch (error) {
    if (error instanceof LinkForOthers) return { is: "problem", what: "professional", end };
    if (error instanceof LinkOver) return { is: "problem", what: "over", end };
    if (error instanceof WireError) return { is: "problem", what: "damaged", end };
    if (error instanceof RelayError) return { is: "problem", what: "unreached", end };
    throw error;
  }
}

/** The tap. */
export function accept(scene: Scene & { readonly is: "opening" }, name: string, keeping: Keeping): Promise<Scene> {
  return inTurn(async () => {
    current ??= await openEnd(keeping);
    if (current === undefined) return { is: "problem", what: "elsewhere" };
    const open = await current.accept(scene.link, scene.host, name);
    forgetLink();
    return { is: "talks", end: current, open };
  });
}

/** What cannot be opened goes: otherwise it would stand in the way of any new link. */
export function erase(): Promise<Scene> {
  return inTurn(async () => {
    const kind = (await kept()) === "tab" ? TabBacking : DeviceBacking;
    await (await kind.open()).wipe();
    letGo();
    return { is: "problem", what: "forgotten" };
  });
}

/** Everything that is here goes. */
export function forget(end: PatientEnd): Promise<Scene> {
  return inTurn(async () => {
    await end.forget();
    current = undefined;
    letGo();
    forgetLink();
    return { is: "problem", what: "forgotten" };
  });
}
