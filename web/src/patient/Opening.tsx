/** The first page: who invites, who comes, what happens with the data, and what stays on this device. */

import { useState } from "preact/hooks";

import { utf8 } from "../wire/codec.ts";
import { NAME_BYTES, checkName, type Profile } from "../wire/profile.ts";
import { useSpeech } from "../ui/speech.ts";

export type Keeping = "device" | "tab";

interface Props {
  readonly host: Profile;
  /** Set where this end is there already, and keeps what it keeps. */
  readonly keeping: Keeping | undefined;
  readonly accept: (name: string, keeping: Keeping) => Promise<void>;
}

export function Opening({ host, keeping, accept }: Props) {
  const { say } = useSpeech();
  const [name, setName] = useState("");
  const [forOther, setForOther] = useState(false);
  const [whom, setWhom] = useState("");
  const [where, setWhere] = useState<Keeping>(keeping ?? "device");
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const tidy = (text: string): string => text.normalize("NFC").replace(/\s+/g, " ").trim();
  const submit = (event: Event): void => {
    event.preventDefault();
    const given = [name, ...(forOther ? [whom] : [])].map(tidy);
    const [own = "", other] = given;
    if (given.some((one) => one === "")) return setError(say("needName"));
    const full = other === undefined ? own : say("forName", { name: own, whom: other });
    try {
      if (utf8(checkName(full)).length > NAME_BYTES) return setError(say("badName"));
    } catch {
      return setError(say("badName"));
    }
    setBusy(true);
    void accept(full, where).catch(() => {
      setBusy(false);
      setError(say("unreached"));
    });
  };
  return (
    <form class="opening" onSubmit={submit} noValidate>
      <h1>{say("invites", { name: host.name })}</h1>
      <p class="stated">
        {host.profession && <span>{host.profession}. </span>}
        {say("stated")}
      </p>
      {/* What browsers fill in they also keep, on shared computers too. */}
      <label for="name">{say("yourName")}</label>
      <input
        id="name"
        autoComplete="off"
        value={name}
        aria-describedby="error"
        onInput={({ currentTarget }) => setName(currentTarget.value)}
      />
      <label class="check">
        <input type="checkbox" checked={forOther} onChange={({ currentTarget }) => setForOther(currentTarget.checked)} />
        {say("forOther")}
      </label>
      {forOther && (
        <>
          <label for="whom">{say("forWhom")}</label>
          <input id="whom" autoComplete="off" value={whom} onInput={({ currentTarget }) => setWhom(currentTarget.value)} />
        </>
      )}
      <h2>{say("consentTitle")}</h2>
      <ul>
        <li>{say("consent1")}</li>
        <li>{say("consent2")}</li>
        <li>{say("consent3")}</li>
      </ul>
      <p class="urgent">{say("urgent")}</p>
      {keeping === undefined && (
        <fieldset>
          <legend>{say("keepTitle")}</legend>
          {(["device", "tab"] as const).map((one) => (
            <label class="choice" key={one}>
              <input type="radio" name="where" checked={where === one} onChange={() => setWhere(one)} />
              <span>
                <strong>{say(one === "device" ? "keep" : "tab")}</strong>
                <small>{say(one === "device" ? "keepMore" : "tabMore")}</small>
              </span>
            </label>
          ))}
        </fieldset>
      )}
      <p class="error" id="error" role="alert">
        {error}
      </p>
      <button type="submit" disabled={busy}>
        {say(busy ? "starting" : "start")}
      </button>
      <p class="stated">{say("nothingYet")}</p>
    </form>
  );
}
