/** The calls of all conversations of an end, looked at or not: a call that comes in one of them is heard wherever one is. */

import { useEffect, useRef, useState } from "preact/hooks";

import { Call, RESUME_MS } from "./call.ts";
import type { CallEnd } from "./end.ts";
import { isIn } from "./model.ts";
import { useTone } from "./tone.ts";

export interface Calls {
  of(conversation: string): Call | undefined;
  /** The conversation in which somebody calls and waits for an answer. */
  readonly asked: string | undefined;
  /** The conversation whose call is on. */
  readonly on: string | undefined;
}

/** The conversation whose call this page was in when it was last open, if that was just now. */
export function goesOn(end: CallEnd): string | undefined {
  const kept = end.keptCall();
  return kept !== null && Date.now() - kept.at < RESUME_MS ? kept.conversation : undefined;
}

const isOn = ({ state }: Call): boolean => state !== null && isIn(state);

export function useCalls(end: CallEnd, conversations: readonly string[]): Calls {
  const calls = useRef(new Map<string, Call>()).current;
  const [, setVersion] = useState(0);
  const ids = conversations.join(" ");
  useEffect(() => {
    const changed = (): void => setVersion((before) => before + 1);
    for (const id of ids.split(" ").filter((one) => one !== "" && !calls.has(one))) {
      const call: Call = new Call(end, id, () => [...calls.values()].some((other) => other !== call && isOn(other)));
      call.watch(changed);
      calls.set(id, call);
      changed();
    }
  }, [end, ids]);
  useEffect(
    () => () => {
      for (const call of calls.values()) call.stop();
      calls.clear();
    },
    [end],
  );
  const all = [...calls.values()];
  const asked = all.find(({ state }) => state?.phase === "asked")?.conversation;
  useTone(asked !== undefined);
  return { of: (id) => calls.get(id), asked, on: all.find(isOn)?.conversation };
}
