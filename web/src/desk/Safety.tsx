/** The safety number of a conversation of two, to be read to each other by telephone. */

import { useState } from "preact/hooks";

import { get, post } from "./api.ts";
import { Problem, useDoing } from "./parts.tsx";
import type { DeskPerson } from "./shapes.ts";
import { useDeskSpeech } from "./speech.ts";

export function Safety({ conversation, person }: { readonly conversation: string; readonly person: DeskPerson }) {
  const { say } = useDeskSpeech();
  const doing = useDoing();
  const [number, setNumber] = useState("");
  const path = `/api/conversations/${conversation}`;
  const show = (): void => void doing.run(async () => setNumber((await get<{ number: string }>(`${path}/safety`)).number));
  const set = (verified: boolean) => (): void =>
    void doing.run(() => post(`${path}/verified`, { verified })).then((done) => done && setNumber(""));
  if (person.verified) {
    return (
      <button type="button" class="secondary" onClick={set(false)}>
        {say("unverify")}
      </button>
    );
  }
  return (
    <>
      <button type="button" class="secondary" aria-expanded={number !== ""} onClick={show}>
        {say("verify")}
      </button>{" "}
      {number !== "" && (
        <div class="safety">
          <p>{say("verifyMore", { name: person.name })}</p>
          <p class="number" translate={false}>
            {number}
          </p>
          <button type="button" onClick={set(true)}>
            {say("same")}
          </button>
        </div>
      )}
      <Problem of={doing} />
    </>
  );
}
