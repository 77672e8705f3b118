/** What a person states of themself: shown as "stated by them" until it has been verified (W12). */

import { Reader, WireError, Writer } from "./codec.ts";

export const NAME_BYTES = 200;

/** An RPPS number: 11 digits, the last a Luhn key. Throws `WireError`. */
export function checkRpps(number: string): string {
  if (!/^[0-9]{11}$/.test(number)) throw new WireError("an RPPS number has 11 digits");
  const total = [...number].reverse().reduce((sum, digit, place) => {
    const value = Number(digit) * (1 + (place % 2));
    return sum + (value > 9 ? value - 9 : value);
  }, 0);
  if (total % 10 !== 0) throw new WireError("this RPPS number's last digit, its key, is wrong");
  return number;
}

/** A name that a line of text can show: not empty, and nothing in it that moves a cursor. Throws `WireError`. */
export function checkName(name: string): string {
  if (!name.trim() || !/^(?:[^\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Z}]| )+$/u.test(name)) {
    throw new WireError("a name is empty or not printable");
  }
  return name;
}

/** Name, profession and RPPS number; empty where none is stated. */
export interface Profile {
  readonly name: string;
  readonly profession: string;
  readonly rpps: string;
}

export function writeProfile(out: Writer, value: Profile): Writer {
  checkName(value.name);
  if (value.profession) checkName(value.profession);
  if (value.rpps) checkRpps(value.rpps);
  return out.text(value.name, NAME_BYTES, 1).text(value.profession, NAME_BYTES, 1).text(value.rpps, 11, 1);
}

export function readProfile(source: Reader): Profile {
  const value = { name: source.text(NAME_BYTES, 1), profession: source.text(NAME_BYTES, 1), rpps: source.text(11, 1) };
  writeProfile(new Writer(), value);
  return value;
}
