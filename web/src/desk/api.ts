/** One question to the desk's local API, and its answer. */

import { EndError } from "../end.ts";

/** What the desk said no to, or that it does not answer; `code` as in `docs/desk-api.md`, or `unreached`, or `stranger`. */
export class Refused extends EndError {
  override readonly name = "Refused";

  constructor(
    readonly code: string,
    override readonly said: Readonly<Record<"fr" | "en", string>>,
  ) {
    super("gone", said);
  }
}

const unreached = (): Refused =>
  new Refused("unreached", {
    fr: "Le programme Colloque ne répond plus sur cet ordinateur. Relancez-le.",
    en: "The Colloque program does not answer on this computer any more. Start it again.",
  });

const stranger = (): Refused =>
  new Refused("stranger", {
    fr: "Cette page n'est plus reconnue : ouvrez l'adresse que Colloque affiche à son démarrage.",
    en: "This page is not known any more: open the address that Colloque shows when it starts.",
  });

export type Method = "GET" | "POST" | "DELETE";

/** Throws `Refused`. */
export async function request(method: Method, path: string, init: RequestInit = {}): Promise<Response> {
  const answer = await fetch(path, { method, cache: "no-store", ...init }).catch(() => {
    throw unreached();
  });
  if (answer.ok) return answer;
  if (answer.status === 401) throw stranger();
  const { error } = (await answer.json().catch(() => ({}))) as { error?: { code: string; fr: string; en: string } };
  if (error === undefined) throw unreached();
  throw new Refused(error.code, { fr: error.fr, en: error.en });
}

/** Throws `Refused`. `T`: what `docs/desk-api.md` says of this path. */
export async function ask<T = unknown>(method: Method, path: string, body?: unknown): Promise<T> {
  const given = body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  const answer = await request(method, path, given);
  return (await answer.json()) as T;
}

export const get = <T>(path: string): Promise<T> => ask<T>("GET", path);
export const post = <T = unknown>(path: string, body: unknown = {}): Promise<T> => ask<T>("POST", path, body);
