/** The first start: who one is, which relay, a passphrase; or a backup of another computer. */

import { useState } from "preact/hooks";

import { post } from "./api.ts";
import { Field, Heading, Problem, useDoing } from "./parts.tsx";
import { Passphrases, wrongWith } from "./Passphrases.tsx";
import { Restore } from "./Restore.tsx";
import type { Sheet } from "./shapes.ts";
import { useDeskSpeech } from "./speech.ts";

const STEPS = ["who", "relay", "pass"] as const;

interface Props {
  readonly made: (sheet: Sheet) => void;
  /** While the home is made, this page stays: its sheet is to be seen before the open desk. */
  readonly founding: (isFounding: boolean) => void;
}

export function First({ made, founding }: Props) {
  const { say } = useDeskSpeech();
  const doing = useDoing();
  const [step, go] = useState<(typeof STEPS)[number] | "restore">("who");
  const [given, give] = useState({ name: "", profession: "", rpps: "", relay: "", token: "" });
  const [wantsToken, want] = useState(false);
  const [chosen, choose] = useState({ first: "", second: "" });
  const set = (field: keyof typeof given) => (value: string): void => give((before) => ({ ...before, [field]: value }));
  if (step === "restore") return <Restore back={() => go("who")} />;
  const next = async (): Promise<void> => {
    if (step === "who") {
      if (given.name.trim() === "") return doing.tell("needsName");
      if (!/^(\d{11})?$/.test(given.rpps.trim())) return doing.tell("badRpps");
      doing.tell(undefined);
      return go("relay");
    }
    if (step === "relay") {
      const relay = given.relay.trim().replace(/\/$/, "");
      let asked = false;
      const answered = await doing.run(async () => {
        asked = (await post<{ wantsToken: boolean }>("/api/relay", { relay })).wantsToken;
      });
      if (!answered) return;
      set("relay")(relay);
      want(asked);
      return asked && given.token.trim() === "" ? undefined : go("pass");
    }
    const wrong = wrongWith(chosen);
    if (wrong !== undefined) return doing.tell(wrong);
    const { name, profession, rpps, relay, token } = given;
    const body = { name: name.trim(), profession: profession.trim(), rpps: rpps.trim(), relay, token: token.trim() };
    founding(true);
    await doing.run(async () => made(await post<Sheet>("/api/first", { ...body, passphrase: chosen.first })));
    founding(false);
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    void next();
  };
  return (
    <form onSubmit={submit} noValidate key={step}>
      {step === "who" && (
        <>
          <p class="welcome">{say("hello")}</p>
          <p>{say("helloMore")}</p>
        </>
      )}
      <p class="stated">{say("step", { at: STEPS.indexOf(step) + 1, of: STEPS.length })}</p>
      <Heading>{say(`${step}Title`)}</Heading>
      <p>{say(`${step}More`)}</p>
      {step === "who" && (
        <>
          <Field id="name" label={say("name")} hint={say("nameHint")} value={given.name} set={set("name")} about="error" />
          <Field id="profession" label={say("profession")} hint={say("professionHint")} value={given.profession} set={set("profession")} />
          <Field id="rpps" label={say("rpps")} inputMode="numeric" value={given.rpps} set={set("rpps")} about="error" />
        </>
      )}
      {step === "relay" && (
        <>
          <Field id="relay" inputMode="url" label={say("relay")} hint={say("relayHint")} value={given.relay} set={set("relay")} about="error" />
          {wantsToken && <Field id="token" label={say("token")} hint={say("tokenMore")} value={given.token} set={set("token")} />}
        </>
      )}
      {step === "pass" && <Passphrases chosen={chosen} choose={choose} label="passphrase" about="error" />}
      <Problem of={doing} id="error" />
      <button type="submit" disabled={doing.busy}>
        {say(step === "pass" ? (doing.busy ? "making" : "make") : doing.busy ? "asking" : "next")}
      </button>
      {step === "who" ? (
        <button type="button" class="quiet" onClick={() => go("restore")}>
          {say("restoreAsk")}
        </button>
      ) : (
        <button type="button" class="quiet" onClick={() => go(step === "pass" ? "relay" : "who")}>
          {say("back")}
        </button>
      )}
    </form>
  );
}
