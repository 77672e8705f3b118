/** The language of the page, for every view below it. */

import { createContext } from "preact";
import { useContext } from "preact/hooks";

import { sayIn, type Language, type Say } from "./words.ts";

export interface Speech {
  readonly language: Language;
  /** A time zone's name, or undefined for the device's own. */
  readonly zone: string | undefined;
  readonly say: Say;
}

export const Spoken = createContext<Speech>({ language: "fr", zone: undefined, say: sayIn("fr") });
export const useSpeech = (): Speech => useContext(Spoken);
