/** A number to call back, which goes with every call: for when the line does not come about. */

import { useState } from "preact/hooks";

import type { DeskCalls } from "./calls.ts";
import { Field, Problem, useDoing } from "./parts.tsx";
import { useDeskSpeech } from "./speech.ts";

export function Telephone({ line }: { readonly line: DeskCalls }) {
  const { say } = useDeskSpeech();
  const doing = useDoing();
  const [number, set] = useState(line.telephone);
  const [done, setDone] = useState(false);
  const submit = (event: Event): void => {
    event.preventDefault();
    void doing.run(() => line.keepTelephone(number.trim())).then(setDone);
  };
  return (
    <form onSubmit={submit} noValidate>
      <h2>{say("telephoneTitle")}</h2>
      <Field id="telephone" label={say("telephone")} hint={say("telephoneMore")} value={number} set={set} about="telephone-error" />
      <Problem of={doing} id="telephone-error" />
      <p role="status">{done && say("telephoneSaved")}</p>
      <button type="submit" class="secondary" disabled={doing.busy}>
        {say("save")}
      </button>
    </form>
  );
}
