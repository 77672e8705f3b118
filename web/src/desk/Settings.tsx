/** Notifications, the passphrase, the recovery sheet, a backup, the relay's token; closing the desk. */

import { useState } from "preact/hooks";

import { post } from "./api.ts";
import { Back } from "./Back.tsx";
import { askToNotify, mayNotify } from "./notify.ts";
import { PaperSheet } from "./PaperSheet.tsx";
import type { DeskCalls } from "./calls.ts";
import { Field, Heading, Problem, useDoing } from "./parts.tsx";
import { Passphrases, wrongWith } from "./Passphrases.tsx";
import type { DeskState, Sheet } from "./shapes.ts";
import { useDeskSpeech } from "./speech.ts";
import { Telephone } from "./Telephone.tsx";
import type { Go } from "./views.ts";

export function Settings({ state, line, go }: { readonly state: DeskState; readonly line: DeskCalls; readonly go: Go }) {
  const { say } = useDeskSpeech();
  const { me, passphrase } = state;
  const [sheet, setSheet] = useState<Sheet>();
  if (sheet !== undefined) return <PaperSheet sheet={sheet} done={() => setSheet(undefined)} />;
  return (
    <section class="panel">
      <Back go={go} />
      <Heading>{say("settings")}</Heading>
      <h2>{say("meTitle")}</h2>
      <p>
        {[me?.name, me?.profession, me?.rpps && `RPPS ${me.rpps}`].filter(Boolean).join(" · ")}
        <br />
        <span class="stated">{me?.relay}</span>
      </p>
      <Notifications />
      <Telephone line={line} />
      <h2>{say("backupTitle")}</h2>
      <p>{say("backupMore")}</p>
      <p>
        <a class="button secondary" href="/api/backup" download="colloque.backup">
          {say("backup")}
        </a>
      </p>
      <SheetAgain isAsked={passphrase} show={setSheet} />
      {passphrase && <Change />}
      <Token />
      <h2>{say("keysTitle")}</h2>
      <p>{say("keysMore")}</p>
      <button type="button" class="secondary" onClick={() => void post("/api/lock", { keys: true })}>
        {say("keysDrop")}
      </button>
    </section>
  );
}

function Notifications() {
  const { say } = useDeskSpeech();
  const [may, setMay] = useState(mayNotify);
  return (
    <>
      <h2>{say("notifyTitle")}</h2>
      <p>{say("notifyMore")}</p>
      {may === "default" && (
        <button type="button" class="secondary" onClick={() => void askToNotify().then(setMay)}>
          {say("notifyOn")}
        </button>
      )}
      <p role="status">{may !== "default" && say(may === "granted" ? "notifyIsOn" : "notifyDenied")}</p>
    </>
  );
}

function SheetAgain({ isAsked, show }: { readonly isAsked: boolean; readonly show: (sheet: Sheet) => void }) {
  const { say } = useDeskSpeech();
  const doing = useDoing();
  const [passphrase, set] = useState("");
  const submit = (event: Event): void => {
    event.preventDefault();
    void doing.run(async () => show(await post<Sheet>("/api/sheet", { passphrase: isAsked ? passphrase : null })));
  };
  return (
    <form onSubmit={submit} noValidate>
      <h2>{say("sheetAgain")}</h2>
      {isAsked && <Field id="sheet" type="password" label={say("passphrase")} value={passphrase} set={set} about="sheet-error" />}
      <Problem of={doing} id="sheet-error" />
      <button type="submit" class="secondary" disabled={doing.busy}>
        {say("sheetSee")}
      </button>
    </form>
  );
}

function Change() {
  const { say } = useDeskSpeech();
  const doing = useDoing();
  const [old, setOld] = useState("");
  const [chosen, choose] = useState({ first: "", second: "" });
  const [done, setDone] = useState(false);
  const submit = (event: Event): void => {
    event.preventDefault();
    const wrong = wrongWith(chosen);
    if (wrong !== undefined) return doing.tell(wrong);
    void doing.run(() => post("/api/passphrase", { old, new: chosen.first })).then((changed) => {
      setDone(changed);
      if (changed) choose({ first: "", second: "" });
      if (changed) setOld("");
    });
  };
  return (
    <form onSubmit={submit} noValidate>
      <h2>{say("passphraseChange")}</h2>
      <Field id="old" type="password" label={say("oldPassphrase")} value={old} set={setOld} about="change-error" />
      <Passphrases chosen={chosen} choose={choose} label="newPassphrase" about="change-error" />
      <Problem of={doing} id="change-error" />
      <p role="status">{done && say("passphraseChanged")}</p>
      <button type="submit" class="secondary" disabled={doing.busy}>
        {say("passphraseChange")}
      </button>
    </form>
  );
}

function Token() {
  const { say } = useDeskSpeech();
  const doing = useDoing();
  const [token, set] = useState("");
  const [done, setDone] = useState(false);
  const submit = (event: Event): void => {
    event.preventDefault();
    void doing.run(() => post("/api/token", { token: token.trim() })).then((kept) => {
      setDone(kept);
      if (kept) set("");
    });
  };
  return (
    <form onSubmit={submit} noValidate>
      <h2>{say("tokenTitle")}</h2>
      <Field id="token" label={say("token")} value={token} set={set} about="token-error" />
      <Problem of={doing} id="token-error" />
      <p role="status">{done && say("tokenSaved")}</p>
      <button type="submit" class="secondary" disabled={doing.busy}>
        {say("save")}
      </button>
    </form>
  );
}
