/** Conversations with their groups, loaded and kept; and who I am. */

import { Group } from "../mls/group.ts";
import type { Context, Identity, Talk } from "../session/model.ts";
import { random } from "../crypto/primitives.ts";
import { WireError, type Bytes } from "../wire/codec.ts";
import { named, type Draft } from "./store.ts";

/** Groups by their saved bytes: a record that did not change is not decoded again. */
const loaded = new WeakMap<Bytes, Group>();
const saved = new WeakMap<Group, Bytes>();

function remember(group: Group, bytes: Bytes): void {
  loaded.set(bytes, group);
  saved.set(group, bytes);
}

export function loadTalk(draft: Draft, id: Bytes): Talk | undefined {
  const record = draft.get("talk", named(id));
  if (record === undefined) return undefined;
  const groups = record.groups.map((bytes) => {
    const group = loaded.get(bytes) ?? Group.load(bytes);
    remember(group, bytes);
    return group;
  });
  return { conversation: record.conversation, groups };
}

export function saveTalk(draft: Draft, talk: Talk): void {
  const groups = talk.groups.map((group) => {
    const bytes = saved.get(group) ?? group.save();
    remember(group, bytes);
    return bytes;
  });
  draft.put("talk", named(talk.conversation.id), { conversation: talk.conversation, groups });
}

export function identityOf(draft: Draft): Identity | undefined {
  return draft.get("identity", "me");
}

/** Throws `WireError` before anybody has said who they are. */
export function contextOf(draft: Draft, now: number = Date.now()): Context {
  const identity = identityOf(draft);
  if (identity === undefined) throw new WireError("nobody has opened this end yet");
  return { identity, now, random };
}
