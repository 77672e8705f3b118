/** The roster: who is in a conversation, and where *this* reader writes to each; from the host (S12). */

import { readAddress, writeAddress, type QueueAddress } from "../address.ts";
import { Reader, WireError, Writer, type Bytes } from "../codec.ts";
import { NAME_BYTES, checkName, readProfile, writeProfile, type Profile } from "../profile.ts";
import { SIGNATURE_KEY_BYTES } from "../sizes.ts";
import { hex } from "../text.ts";

export const MEMBERS = 20;

/** One other member. `myWriter`: which of my queue's capabilities they were given. */
export interface RosterEntry {
  readonly signatureKey: Bytes;
  readonly profile: Profile;
  readonly address: QueueAddress;
  readonly myWriter: number;
}

/** `revision` only grows; `recovery` is the secret that host and member share for a later return. */
export interface Roster {
  readonly is: "roster";
  readonly revision: number;
  readonly name: string;
  readonly host: Bytes;
  readonly secondHost: Bytes;
  readonly recovery: Bytes;
  readonly entries: readonly RosterEntry[];
}

function writeEntry(out: Writer, value: RosterEntry): Writer {
  writeProfile(out.fixed(value.signatureKey, SIGNATURE_KEY_BYTES), value.profile);
  return writeAddress(out, value.address).uint(value.myWriter, 1);
}

function readEntry(source: Reader): RosterEntry {
  return {
    signatureKey: source.fixed(SIGNATURE_KEY_BYTES),
    profile: readProfile(source),
    address: readAddress(source),
    myWriter: source.uint(1),
  };
}

export function writeRoster(out: Writer, value: Roster): Writer {
  out.uint(value.revision, 8).text(checkName(value.name), NAME_BYTES, 1).fixed(value.host, SIGNATURE_KEY_BYTES);
  out.opaque(value.secondHost, SIGNATURE_KEY_BYTES, 1).fixed(value.recovery, 32);
  return out.list(value.entries, writeEntry, MEMBERS);
}

export function readRoster(source: Reader): Roster {
  const [revision, name] = [source.uint(8), checkName(source.text(NAME_BYTES, 1))];
  const [host, secondHost] = [source.fixed(SIGNATURE_KEY_BYTES), source.opaque(SIGNATURE_KEY_BYTES, 1)];
  if (secondHost.length !== 0 && secondHost.length !== SIGNATURE_KEY_BYTES) {
    throw new WireError("a second host's key has the wrong length");
  }
  const [recovery, entries] = [source.fixed(32), source.list(readEntry, MEMBERS)];
  if (new Set(entries.map((entry) => hex(entry.signatureKey))).size !== entries.length) {
    throw new WireError("a roster names somebody twice");
  }
  return { is: "roster", revision, name, host, secondHost, recovery, entries };
}
