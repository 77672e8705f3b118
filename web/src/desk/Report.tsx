/** The form of a consultation's report. What is begun lies in the desk's encrypted home, and nowhere in the browser. */

import { useEffect, useRef, useState } from "preact/hooks";

import type { CallFacts } from "../call/facts.ts";
import { Asking } from "../ui/Asking.tsx";
import { get, post } from "./api.ts";
import { ChoosePeople, pairsOf } from "./ChoosePeople.tsx";
import { Problem, useDoing } from "./parts.tsx";
import { STATED, asAsked, beginning, resumed, type Begun } from "./reporting.ts";
import type { DeskConversation } from "./shapes.ts";
import { useDeskSpeech, type DeskWord } from "./speech.ts";

/** How long nothing is typed before it is kept. */
const KEPT_MS = 700;
const LONG = 8_000;

interface Props {
  readonly conversation: DeskConversation;
  readonly facts: CallFacts | null;
  readonly close: () => void;
  /** A correction that is begun. */
  readonly from?: Begun | undefined;
}

const newId = (): string => crypto.randomUUID().replaceAll("-", "");

export function Report({ conversation, facts, close, from }: Props) {
  const { say, language } = useDeskSpeech();
  const doing = useDoing();
  const [begun, setBegun] = useState<Begun>();
  const [others, setOthers] = useState<readonly DeskConversation[]>([]);
  const [wrong, setWrong] = useState<readonly string[]>([]);
  const heading = useRef<HTMLHeadingElement>(null);
  const changed = useRef(false);
  const path = `/api/conversations/${conversation.id}`;
  useEffect(() => {
    void doing.run(async () => {
      const { draft } = await get<{ draft: Begun | null }>(`${path}/report-draft`);
      setOthers(pairsOf(await get<DeskConversation[]>("/api/conversations")).filter(({ id }) => id !== conversation.id));
      setBegun(from ?? resumed(draft, facts, beginning(conversation, facts, newId(), say)));
      heading.current?.focus({ preventScroll: true });
    });
  }, []);
  useEffect(() => {
    if (!changed.current || begun === undefined) return;
    const keep = (): void => {
      // Not while it is sent. Locked meanwhile, the page shows that instead.
      if (changed.current) void post(`${path}/report-draft`, { draft: begun }).catch(() => undefined);
    };
    const timer = setTimeout(keep, KEPT_MS);
    return () => clearTimeout(timer);
  }, [begun]);
  const set = (some: Partial<Begun>): void => {
    changed.current = true;
    setWrong((before) => before.filter((name) => !((WRONG[name] ?? name) in some)));
    setBegun((before) => before && { ...before, ...some });
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    if (begun === undefined) return;
    if (begun.to.length === 0) return doing.tell("report_needsReader");
    changed.current = false;
    void doing.run(async () => {
      const { wrong: found } = await post<{ wrong?: string[] }>(`${path}/reports`, {
        ...{ id: begun.id, to: begun.to, report: asAsked(begun, language) },
      });
      setWrong(found ?? []);
      changed.current = found !== undefined;
      if (found === undefined) close();
    });
  };
  const drop = (): void => {
    changed.current = false;
    void doing.run(() => post(`${path}/report-draft`, { draft: null })).then((done) => done && close());
  };
  const bad = (name: string) => ({ "aria-invalid": wrong.includes(name) || undefined });
  const about = (name: "name" | "born" | "began" | "ended", told: string) => ({
    id: `report-${name}`,
    value: begun?.[name] ?? "",
    onInput: ({ currentTarget }: { readonly currentTarget: HTMLInputElement }): void => set({ [name]: currentTarget.value }),
    ...bad(told),
  });
  const label = (name: "name" | "born" | "began" | "ended") => <label for={`report-${name}`}>{say(`report_${name}`)}</label>;
  return (
    <section class="drawer panel reporting" aria-label={say("report")}>
      <h2 tabIndex={-1} ref={heading}>
        {say(begun?.corrects ? "report_correction" : "report")}
      </h2>
      {begun && (
        <form onSubmit={submit} noValidate autoComplete="off">
          {label("name")}
          <input type="text" autoComplete="off" spellcheck={false} maxLength={200} {...about("name", "patient")} />
          {label("born")}
          <input type="date" autoComplete="off" {...about("born", "born")} />
          <Check checked={begun.verified} set={(verified) => set({ verified })} label={say("report_verified")} />
          <label for="report-people">{say("report_people")}</label>
          <textarea autoComplete="off" id="report-people" rows={2} value={begun.people} {...bad("people")} onInput={({ currentTarget }) => set({ people: currentTarget.value })} />
          {label("began")}
          <input type="datetime-local" autoComplete="off" {...about("began", "began")} />
          {label("ended")}
          <input type="datetime-local" autoComplete="off" {...about("ended", "ended")} />
          <fieldset class={wrong.includes("held") ? "wrong" : ""}>
            <legend>{say("report_held")}</legend>
            {(["video", "sound"] as const).map((held) => (
              <label key={held} class="check">
                <input type="radio" name="held" checked={begun.held === held} onChange={() => set({ held })} />
                {say(`report_${held}`)}
              </label>
            ))}
          </fieldset>
          <label for="report-found">{say("report_found")}</label>
          <textarea autoComplete="off" id="report-found" rows={6} maxLength={LONG} value={begun.found} {...bad("found")} onInput={({ currentTarget }) => set({ found: currentTarget.value })} />
          {STATED.map((name) => (
            <fieldset key={name} class={wrong.includes(name) ? "wrong" : ""}>
              <legend>{say(`report_${name}`)}</legend>
              <Check checked={begun[name].none} set={(none) => set({ [name]: { ...begun[name], none } })} label={say(`report_no_${name}`)} />
              {!begun[name].none && (
                <textarea
                  autoComplete="off"
                  {...{ rows: 3, maxLength: LONG, value: begun[name].text, "aria-label": say(`report_${name}`), ...bad(name) }}
                  onInput={({ currentTarget }) => set({ [name]: { none: false, text: currentTarget.value } })}
                />
              )}
              {name === "prescriptions" && !begun[name].none && <p class="stated">{say("report_copy")}</p>}
            </fieldset>
          ))}
          <fieldset>
            <legend>{say("report_to")}</legend>
            <Check
              checked={begun.to.includes(conversation.id)}
              set={(on) => set({ to: [...(on ? [conversation.id] : []), ...begun.to.filter((one) => one !== conversation.id)] })}
              label={conversation.name}
            />
            {others.length > 0 && (
              <details>
                <summary>{say("report_others")}</summary>
                <ChoosePeople
                  pairs={others}
                  chosen={begun.to.filter((one) => one !== conversation.id)}
                  choose={(chosen) => set({ to: [...begun.to.filter((one) => one === conversation.id), ...chosen] })}
                />
              </details>
            )}
          </fieldset>
          {wrong.length > 0 && (
            <p class="error" role="alert">
              {say("report_wrong", { fields: wrong.map((name) => say(`report_${WRONG[name] ?? name}` as DeskWord)).join(", ") })}
            </p>
          )}
          <p class="stated">{say("report_final")}</p>
          <button type="submit" disabled={doing.busy}>
            {say("report_send")}
          </button>{" "}
          <button type="button" class="secondary" onClick={close}>
            {say("report_later")}
          </button>{" "}
          <Asking kind="quiet" label={say("report_drop")} ask={say("report_dropAsk")} act={drop} />
        </form>
      )}
      <Problem of={doing} />
    </section>
  );
}

/** Where the form calls a field otherwise than the desk. */
const WRONG: Readonly<Record<string, string>> = { patient: "name" };

function Check({ checked, set, label }: { readonly checked: boolean; readonly set: (on: boolean) => void; readonly label: string }) {
  return (
    <label class="check">
      <input type="checkbox" checked={checked} onChange={({ currentTarget }) => set(currentTarget.checked)} />
      {label}
    </label>
  );
}
