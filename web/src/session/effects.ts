/** What a rule wants done. The store carries all effects of one event out in one transaction. */

import type { QueueAddress } from "../wire/address.ts";
import type { Bytes } from "../wire/codec.ts";
import type { Signal } from "../wire/content/call/signal.ts";
import type { Body, Content } from "../wire/content/content.ts";
import type { Outcome } from "../wire/content/receipt.ts";
import type { Ask } from "../wire/content/wishes.ts";
import type { Kind } from "../wire/envelope.ts";
import type { OwnQueue, Talk } from "./model.ts";

/** What people are told of a conversation, besides its messages; the same words as in Python. */
export type Happening =
  | "opened"
  | "joined"
  | "gone"
  | "removed"
  | "missing"
  | "unreadable"
  | "return-asked"
  | "returned"
  | "host-changed"
  | "stated"
  | "link-used"
  | "retracted"
  | "lost";

export interface Notice {
  readonly is: "notice";
  readonly what: Happening;
  readonly who: Bytes;
  /** How many are missing, and the number of the first, where they are numbered. */
  readonly count: number;
  readonly first: number;
}

export type Effect =
  /** Send `payload` to one reader. `about`: the id of the message to people that it carries, if any. */
  | {
      readonly is: "post";
      readonly to: Bytes;
      readonly address: QueueAddress;
      readonly kind: Kind;
      readonly payload: Bytes;
      readonly about: Bytes | null;
      /** When it is of no use any more, and not sent (C2). */
      readonly until?: number;
    }
  /** Put a body of the program's own in line, to be encrypted in its turn, for one reader. */
  | { readonly is: "write"; readonly body: Body; readonly to: Bytes }
  | { readonly is: "show"; readonly author: Bytes; readonly content: Content }
  /** What a call is made of: told to whoever listens now, and kept nowhere. */
  | { readonly is: "signal"; readonly author: Bytes; readonly sentAt: number; readonly signal: Signal }
  /** `author` is to be told that message `id` was delivered. */
  | { readonly is: "owe"; readonly author: Bytes; readonly id: Bytes }
  | { readonly is: "told"; readonly by: Bytes; readonly id: Bytes; readonly outcome: Outcome }
  | { readonly is: "retract"; readonly author: Bytes; readonly target: Bytes }
  | Notice
  /** A message that cannot be opened yet: kept, bounded, and tried again after each step of the group. */
  | { readonly is: "keep-raw"; readonly payload: Bytes; readonly epoch: bigint }
  | { readonly is: "try-again"; readonly quiet: boolean }
  | { readonly is: "make-queue"; readonly queue: OwnQueue }
  | { readonly is: "drop-queue"; readonly queue: OwnQueue }
  | { readonly is: "drop-writers"; readonly queue: OwnQueue; readonly indexes: readonly number[] }
  | { readonly is: "keep-package"; readonly ref: Bytes; readonly package: Bytes; readonly secrets: Bytes }
  | { readonly is: "forget-package"; readonly ref: Bytes }
  /** Whatever `to` has not confirmed goes out again, in its order. */
  | { readonly is: "send-again"; readonly to: Bytes }
  /** Message `about` is for `to` as well, who has not come into this group yet. */
  | { readonly is: "await"; readonly to: Bytes; readonly about: Bytes }
  /** `to` is not here any more: what has not been sent to them will not be. */
  | { readonly is: "give-up"; readonly to: Bytes }
  /** `by` asks me, in our conversation of two, into another conversation. */
  | { readonly is: "asked"; readonly by: Bytes; readonly ask: Ask };

export type Step = readonly [Talk, readonly Effect[]];

export const notice = (what: Happening, who: Bytes = new Uint8Array(0), count = 0, first = 0): Notice => ({
  is: "notice",
  what,
  who,
  count,
  first,
});
