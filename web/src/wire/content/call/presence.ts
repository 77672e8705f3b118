/** Whether somebody is there: in the waiting room, or at the practice (C12). */

import { oneOf, type Reader, type Writer } from "../../codec.ts";

export const There = { here: 1, withSomeone: 2, away: 3 } as const;
export type There = (typeof There)[keyof typeof There];

export interface Presence {
  readonly is: "presence";
  readonly there: There;
}

export const writePresence = (out: Writer, value: Presence): Writer => out.uint(value.there, 1);
export const readPresence = (source: Reader): Presence => ({
  is: "presence",
  there: oneOf(source.uint(1), Object.values(There), "a presence of an unknown kind"),
});
