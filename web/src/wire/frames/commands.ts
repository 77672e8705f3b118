/** What a client says to a relay over its WebSocket (`spec/relay.md` R4 to R21): those that a member's end needs. */

import { Reader, WireError, Writer, whole, type Bytes } from "../codec.ts";
import { CAPABILITY_BYTES, ENVELOPE_BYTES, FRAME_BYTES, GRANT_BYTES, HASH_BYTES, WRITERS_PER_BATCH } from "../sizes.ts";
import { readPosition, writePosition, type Position } from "./position.ts";

/** One sender's capability, by its hash; `quota` messages of theirs may lie at once (0: the relay's own limit). */
export interface WriterSpec {
  readonly hash: Bytes;
  readonly quota: number;
}

export type Command =
  | { readonly is: "make-queue"; readonly grant: Bytes; readonly readHash: Bytes; readonly writers: readonly WriterSpec[] }
  | { readonly is: "drop-writers"; readonly read: Bytes; readonly hashes: readonly Bytes[] }
  | { readonly is: "send"; readonly write: Bytes; readonly follows: boolean; readonly envelope: Bytes }
  | { readonly is: "read"; readonly read: Bytes }
  | { readonly is: "confirm"; readonly handle: number; readonly position: Position }
  | { readonly is: "stop-reading"; readonly handle: number }
  | { readonly is: "drop-queue"; readonly read: Bytes };

const OPS: Record<Command["is"], number> = {
  "make-queue": 1,
  "drop-writers": 3,
  send: 4,
  read: 5,
  confirm: 6,
  "stop-reading": 7,
  "drop-queue": 9,
};

/** `request`: the client's number for this command, not 0; the answer carries it. */
export function encodeCommand(request: number, command: Command): Bytes {
  const out = new Writer().uint(request, 4).uint(OPS[command.is], 1);
  switch (command.is) {
    case "make-queue":
      out.opaque(command.grant, GRANT_BYTES, 1).fixed(command.readHash, HASH_BYTES);
      out.list(command.writers, (w, s) => w.fixed(s.hash, HASH_BYTES).uint(s.quota, 2), WRITERS_PER_BATCH);
      break;
    case "drop-writers":
      out.fixed(command.read, CAPABILITY_BYTES);
      out.list(command.hashes, (w, hash) => w.fixed(hash, HASH_BYTES), 2 * WRITERS_PER_BATCH);
      break;
    case "send":
      out.fixed(command.write, CAPABILITY_BYTES).flag(command.follows).fixed(command.envelope, ENVELOPE_BYTES);
      break;
    case "confirm":
      writePosition(out.uint(command.handle, 4), command.position);
      break;
    case "stop-reading":
      out.uint(command.handle, 4);
      break;
    case "read":
    case "drop-queue":
      out.fixed(command.read, CAPABILITY_BYTES);
  }
  return out.done();
}

/** Throws `WireError`. */
export function decodeCommand(frame: Uint8Array): readonly [number, Command] {
  if (frame.length > FRAME_BYTES) throw new WireError("a frame is too long");
  return whole(frame, (source) => {
    const [request, op] = [source.uint(4), source.uint(1)];
    const is = (Object.keys(OPS) as Command["is"][]).find((name) => OPS[name] === op);
    if (is === undefined || request === 0) throw new WireError("a frame of an unknown command, or without a number");
    return [request, readCommand(source, is)];
  });
}

function readCommand(source: Reader, is: Command["is"]): Command {
  switch (is) {
    case "make-queue": {
      const spec = (r: Reader): WriterSpec => ({ hash: r.fixed(HASH_BYTES), quota: r.uint(2) });
      const [grant, readHash] = [source.opaque(GRANT_BYTES, 1), source.fixed(HASH_BYTES)];
      return { is, grant, readHash, writers: source.list(spec, WRITERS_PER_BATCH) };
    }
    case "drop-writers":
      return {
        is,
        read: source.fixed(CAPABILITY_BYTES),
        hashes: source.list((r) => r.fixed(HASH_BYTES), 2 * WRITERS_PER_BATCH),
      };
    case "send": {
      const [write, follows] = [source.fixed(CAPABILITY_BYTES), source.flag()];
      return { is, write, follows, envelope: source.fixed(ENVELOPE_BYTES) };
    }
    case "confirm":
      return { is, handle: source.uint(4), position: readPosition(source) };
    case "stop-reading":
      return { is, handle: source.uint(4) };
    case "read":
    case "drop-queue":
      return { is, read: source.fixed(CAPABILITY_BYTES) };
  }
}
