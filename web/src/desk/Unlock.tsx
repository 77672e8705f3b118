/** The lock screen: nothing readable is behind it in this page. */

import { useEffect, useRef, useState } from "preact/hooks";

import { post } from "./api.ts";
import { Field, Heading, Problem, useDoing } from "./parts.tsx";
import { wrongWith } from "./Passphrases.tsx";
import type { DeskState } from "./shapes.ts";
import { SheetWords, spaced } from "./SheetWords.tsx";
import { useDeskSpeech } from "./speech.ts";

interface Props {
  readonly state: DeskState;
  /** The engine died, and the keys were dropped. */
  readonly failed: boolean;
  /** Something came meanwhile. */
  readonly came: boolean;
}

export function Unlock({ state: { standing, passphrase: isAsked }, failed, came }: Props) {
  const { say } = useDeskSpeech();
  const doing = useDoing();
  const [passphrase, set] = useState("");
  const [forgotten, forget] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector("input")?.focus(), [forgotten]);
  const open = (event: Event): void => {
    event.preventDefault();
    void doing.run(() => post("/api/unlock", { passphrase: isAsked ? passphrase : null }));
  };
  if (forgotten) return <NewPassphrase back={() => forget(false)} />;
  const isLocked = standing === "locked";
  return (
    <form onSubmit={open} noValidate ref={form}>
      <h1>{say(isLocked ? "lockedTitle" : "closedTitle")}</h1>
      <p class="stated">{say(isLocked ? "lockedMore" : "closedMore")}</p>
      {failed && <p class="banner">{say("failed")}</p>}
      <p class={came ? "banner" : "hidden"} role="status">
        {came && say("somethingCame")}
      </p>
      {isAsked && <Field id="passphrase" type="password" label={say("passphrase")} value={passphrase} set={set} about="error" />}
      <Problem of={doing} id="error" />
      <button type="submit" disabled={doing.busy}>
        {say(doing.busy ? "unlocking" : "unlock")}
      </button>
      {isAsked && (
        <button type="button" class="quiet" onClick={() => forget(true)}>
          {say("forgotten")}
        </button>
      )}
    </form>
  );
}

function NewPassphrase({ back }: { readonly back: () => void }) {
  const { say } = useDeskSpeech();
  const doing = useDoing();
  const [words, setWords] = useState("");
  const [chosen, choose] = useState({ first: "", second: "" });
  const change = (event: Event): void => {
    event.preventDefault();
    const wrong = wrongWith(chosen);
    if (wrong !== undefined) return doing.tell(wrong);
    void doing.run(() => post("/api/passphrase", { words: spaced(words), new: chosen.first }));
  };
  return (
    <form onSubmit={change} noValidate>
      <Heading>{say("forgottenTitle")}</Heading>
      <p>{say("forgottenMore")}</p>
      <SheetWords words={words} setWords={setWords} chosen={chosen} choose={choose} />
      <Problem of={doing} id="error" />
      <button type="submit" disabled={doing.busy}>
        {say(doing.busy ? "unlocking" : "unlock")}
      </button>
      <button type="button" class="quiet" onClick={back}>
        {say("back")}
      </button>
    </form>
  );
}
