/** The link of a colleague: whose it is, and only then a request. */

import { useState } from "preact/hooks";

import { post } from "./api.ts";
import { Field, Problem, useDoing } from "./parts.tsx";
import { useDeskSpeech } from "./speech.ts";
import type { Go } from "./views.ts";

interface Stated {
  readonly name: string;
  readonly profession: string;
  readonly rpps: string;
}

export function Follow({ go }: { readonly go: Go }) {
  const { say } = useDeskSpeech();
  const doing = useDoing();
  const [link, setLink] = useState("");
  const [words, setWords] = useState("");
  const [who, setWho] = useState<Stated>();
  const submit = (event: Event): void => {
    event.preventDefault();
    void doing.run(async () => {
      if (who === undefined) return setWho(await post<Stated>("/api/links/look", { link: link.trim() }));
      const { conversation } = await post<{ conversation: string }>("/api/links/accept", { link: link.trim(), words });
      go({ is: "talk", id: conversation });
    });
  };
  return (
    <form onSubmit={submit} noValidate>
      <h2>{say("followTitle")}</h2>
      <p>{say("followMore")}</p>
      {who === undefined ? (
        <Field id="follow" inputMode="url" label={say("followLink")} value={link} set={setLink} about="follow-error" />
      ) : (
        <>
          <p>
            <strong>{say("followWho", { name: who.name })}</strong>{" "}
            <span class="stated">{[who.profession, who.rpps && `RPPS ${who.rpps}`, say("stated")].filter(Boolean).join(" · ")}</span>
          </p>
          <Field id="first-words" label={say("followWords")} value={words} set={setWords} about="follow-error" />
        </>
      )}
      <Problem of={doing} id="follow-error" />
      <button type="submit" class="secondary" disabled={doing.busy}>
        {say(who === undefined ? "followLook" : "follow")}
      </button>
      {who !== undefined && (
        <button type="button" class="quiet" onClick={() => setWho(undefined)}>
          {say("cancel")}
        </button>
      )}
    </form>
  );
}
