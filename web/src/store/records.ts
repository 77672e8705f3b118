/** What is kept, by table. Every record's name is its table's, a stroke, and its own. Times in milliseconds. */

import type { OwnQueue, Conversation } from "../session/model.ts";
import type { Happening } from "../session/effects.ts";
import type { QueueAddress } from "../wire/address.ts";
import type { Bytes } from "../wire/codec.ts";
import type { Document } from "../wire/content/document.ts";
import type { Outcome } from "../wire/content/receipt.ts";
import type { Kind } from "../wire/envelope.ts";
import type { Profile } from "../wire/profile.ts";

/** States of one's own messages, and of those of others; the same words as in Python. */
export type State =
  | "waiting"
  | "uploading"
  | "accepted"
  | "delivered"
  | "read"
  | "failed"
  | "here"
  | "arriving"
  | "damaged"
  | "too-large"
  | "retracted";

export type DeliveryState = "waiting" | "accepted" | "delivered" | "read" | "refused";

export interface MessageRecord {
  readonly n: number;
  readonly id: Bytes;
  readonly conversation: Bytes;
  /** `null` for mine. */
  readonly author: Bytes | null;
  readonly kind: "text" | "file" | "retraction" | "notice";
  readonly number: number;
  readonly state: State;
  readonly text: string;
  readonly document: Document | null;
  readonly target: Bytes | null;
  readonly notice: { readonly what: Happening; readonly who: Bytes; readonly count: number; readonly first: number } | null;
  readonly sentAt: number;
  readonly cameAt: number;
  /** Whether this person has seen it. */
  readonly seen: boolean;
  readonly late: boolean;
  /** By reader's key in hexadecimal. */
  readonly deliveries: Readonly<Record<string, DeliveryState>>;
}

export interface Tables {
  /** One record, `me`. */
  identity: { readonly seed: Bytes; readonly key: Bytes; readonly profile: Profile };
  talk: { readonly conversation: Conversation; readonly groups: readonly Bytes[] };
  queue: {
    readonly queue: OwnQueue;
    readonly conversation: Bytes;
    readonly state: "wanted" | "made" | "unwanted";
    readonly incarnation: number;
    readonly sequence: number;
  };
  package: {
    readonly ref: Bytes;
    readonly conversation: Bytes;
    readonly package: Bytes;
    readonly secrets: Bytes;
    readonly at: number;
  };
  message: MessageRecord;
  /** A body in line, to be encrypted in its turn; `message` for one to people, `body` for the program's own. */
  writing: {
    readonly conversation: Bytes;
    readonly message: Bytes | null;
    readonly body: Bytes | null;
    readonly to: Bytes | null;
  };
  outgoing: {
    readonly conversation: Bytes;
    readonly to: Bytes;
    readonly address: QueueAddress;
    readonly kind: Kind;
    readonly payload: Bytes;
    readonly id: Bytes;
    readonly part: number;
    readonly about: Bytes | null;
    readonly tries: number;
    readonly notBefore: number;
    /** A hello that may be there already: what became of it may never have been heard here. */
    readonly begun: boolean;
    readonly until?: number;
  };
  owed: {
    readonly conversation: Bytes;
    readonly author: Bytes;
    readonly message: Bytes;
    readonly outcome: Outcome;
    readonly at: number;
  };
  seen: { readonly at: number };
  part: {
    readonly queue: Bytes;
    readonly id: Bytes;
    readonly kind: Kind;
    readonly index: number;
    readonly total: number;
    readonly data: Bytes;
    readonly at: number;
  };
  raw: { readonly conversation: Bytes; readonly payload: Bytes; readonly epoch: bigint; readonly at: number };
  errand: {
    readonly relay: string;
    readonly what:
      | { readonly is: "drop-writers"; readonly read: Bytes; readonly writers: readonly Bytes[] }
      | { readonly is: "delete-chunks"; readonly document: Document };
    readonly tries: number;
    readonly notBefore: number;
  };
  transfer: {
    readonly conversation: Bytes;
    readonly message: Bytes;
    readonly upload: boolean;
    readonly done: number;
    readonly tries: number;
    readonly notBefore: number;
  };
  /** By file name: a document whose message was taken back, and which is to be removed. */
  stray: { readonly at: number };
  /** By the pin of a link that was followed. */
  followed: { readonly conversation: Bytes };
  /** A host's return that waits for a human's yes. */
  return: { readonly conversation: Bytes; readonly value: Bytes };
  setting: { readonly value: unknown };
}

export type TableName = keyof Tables;
