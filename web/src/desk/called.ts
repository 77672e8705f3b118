/** How the practice itself calls somebody: the name of the conversation of two with them. */

import type { DeskConversation, DeskPerson } from "./shapes.ts";

/** Empty where there is none, or where it is the name that they state. */
export function calledHere(all: readonly DeskConversation[], person: DeskPerson): string {
  const pair = all.find((one) => one.pair && one.people[0]?.key === person.key);
  return pair === undefined || pair.name === person.name ? "" : pair.name;
}
