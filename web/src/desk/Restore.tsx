/** A backup of another computer, opened by the recovery sheet. */

import { useRef, useState } from "preact/hooks";

import { request } from "./api.ts";
import { Heading, Problem, useDoing } from "./parts.tsx";
import { wrongWith } from "./Passphrases.tsx";
import { SheetWords, spaced } from "./SheetWords.tsx";
import { useDeskSpeech } from "./speech.ts";

export function Restore({ back }: { readonly back: () => void }) {
  const { say } = useDeskSpeech();
  const doing = useDoing();
  const [words, setWords] = useState("");
  const [chosen, choose] = useState({ first: "", second: "" });
  const file = useRef<HTMLInputElement>(null);
  const submit = (event: Event): void => {
    event.preventDefault();
    const backup = file.current?.files?.[0];
    const wrong = backup === undefined ? "needsFile" : wrongWith(chosen);
    if (backup === undefined || wrong !== undefined) return doing.tell(wrong ?? "needsFile");
    const form = new FormData();
    form.append("words", spaced(words));
    form.append("passphrase", chosen.first);
    // The file last: the desk reads the form as it comes.
    form.append("file", backup);
    void doing.run(() => request("POST", "/api/restore", { body: form }));
  };
  return (
    <form onSubmit={submit} noValidate>
      <Heading>{say("restoreTitle")}</Heading>
      <p>{say("restoreMore")}</p>
      <label for="file">{say("backupFile")}</label>
      <input id="file" type="file" ref={file} aria-describedby="error" />
      <SheetWords words={words} setWords={setWords} chosen={chosen} choose={choose} />
      <Problem of={doing} id="error" />
      <button type="submit" disabled={doing.busy}>
        {say(doing.busy ? "unlocking" : "restore")}
      </button>
      <button type="button" class="quiet" onClick={back}>
        {say("back")}
      </button>
    </form>
  );
}
