/** Documents that a page can show besides pictures: the desk's page has the browser's own viewer for PDF, the patient's none. */

import { createContext, type ComponentType } from "preact";

import type { Attached, End, Entry } from "../end.ts";

export interface Viewed {
  readonly end: End;
  readonly entry: Entry;
  readonly document: Attached;
  readonly fail: (error: unknown) => void;
}

export interface Viewer {
  readonly mediaTypes: readonly string[];
  readonly View: ComponentType<Viewed>;
}

export const Viewing = createContext<Viewer | undefined>(undefined);
