/** Days and hours as people say them, in the practice's zone. */

import type { Speech } from "./speech.ts";

/** Making one costs more than all that a page does with it. */
const made = new Map<string, Intl.DateTimeFormat>();

function part({ language, zone }: Speech, how: Intl.DateTimeFormatOptions, at: number): string {
  const name = `${language} ${zone ?? ""} ${JSON.stringify(how)}`;
  let format = made.get(name);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(language === "fr" ? "fr-FR" : "en-GB", { ...how, ...(zone ? { timeZone: zone } : {}) });
    made.set(name, format);
  }
  return format.format(at);
}

/** The same text for every moment of one day. */
export const dayOf = (speech: Speech, at: number): string =>
  part(speech, { year: "numeric", month: "2-digit", day: "2-digit" }, at);

export const hourOf = (speech: Speech, at: number): string => part(speech, { hour: "2-digit", minute: "2-digit" }, at);

export function dayName(speech: Speech, at: number, now: number): string {
  if (dayOf(speech, at) === dayOf(speech, now)) return speech.say("today");
  if (dayOf(speech, at) === dayOf(speech, now - 86_400_000)) return speech.say("yesterday");
  return part(speech, { weekday: "long", day: "numeric", month: "long", year: "numeric" }, at);
}

/** The hour of today, the day and hour of any other. */
export function momentOf(speech: Speech, at: number, now: number): string {
  if (dayOf(speech, at) === dayOf(speech, now)) return hourOf(speech, at);
  const isOld = Math.abs(now - at) > 180 * 86_400_000;
  return part(speech, { day: "numeric", month: "short", ...(isOld && { year: "numeric" }), hour: "2-digit", minute: "2-digit" }, at);
}
