/** The conversations of this end: the list where there are several, and the one that is open. */

import { useEffect, useRef, useState } from "preact/hooks";

import { goesOn, useCalls } from "../call/useCalls.ts";
import { Waiting } from "../call/Waiting.tsx";
import { DeviceCheck } from "../call/DeviceCheck.tsx";
import { Calling } from "../call/Calling.tsx";
import type { Conversation } from "../end.ts";
import { Talk } from "../ui/Talk.tsx";
import { useSpeech } from "../ui/speech.ts";
import { Asking } from "../ui/Asking.tsx";
import type { PatientEnd } from "./end.ts";
import { Safety } from "./Safety.tsx";

interface Props {
  readonly end: PatientEnd;
  readonly open: string | undefined;
  readonly forget: () => void;
}

export function Talks({ end, open, forget }: Props) {
  const { say } = useSpeech();
  const [version, setVersion] = useState(0);
  const [checks, setChecks] = useState(false);
  const [all, setAll] = useState<readonly Conversation[]>([]);
  // A page that is opened anew during a call goes back to it.
  const [chosen, choose] = useState(() => goesOn(end) ?? open);
  const before = useRef(open);
  useEffect(() => {
    if (open !== before.current) choose(open);
    before.current = open;
  }, [open]);
  useEffect(() => {
    const changed = (): void => setVersion((before) => before + 1);
    const stop = end.listen(changed);
    document.addEventListener("visibilitychange", changed);
    return () => {
      stop();
      document.removeEventListener("visibilitychange", changed);
    };
  }, [end]);
  useEffect(() => void end.list().then(setAll), [end, version]);
  const current = all.find(({ id }) => id === chosen) ?? (all.length === 1 ? all[0] : undefined);
  const calls = useCalls(end, all.map(({ id }) => id));
  const call = current && calls.of(current.id);
  const unread = all.reduce((sum, one) => sum + one.unread, 0);
  // No name: titles are kept in the browser's history, also where nothing else is.
  useEffect(() => {
    const what = calls.asked !== undefined ? say("call_titleAsked") : calls.on !== undefined ? say("call_title") : "";
    const mail = unread > 0 ? `(${unread}) ${say("title")}` : say("title");
    document.title = what ? `${what} · ${mail}` : mail;
  }, [unread, calls.asked, calls.on]);
  const isVerified = current?.pair === true && end.isVerified(current.host);
  const calling = all.find(({ id }) => id === calls.asked && id !== current?.id);
  const elsewhere = calling && (
    <p class="banner" role="alert">
      <button type="button" onClick={() => choose(calling.id)}>
        {say("call_asks", { name: calling.name })}
      </button>
    </p>
  );
  if (current === undefined) {
    return (
      <>
        {elsewhere}
        <List all={all} choose={choose} />
      </>
    );
  }
  return (
    <div class="talk">
      <header>
        {all.length > 1 && (
          <button type="button" class="quiet" onClick={() => choose("")}>
            {say("back")}
          </button>
        )}
        <h1>{current.name}</h1>
        <p class="stated">{[subtitle(current), isVerified && say("safety_short")].filter(Boolean).join(" · ")}</p>
        <Settings
          {...{ end, forget, conversation: current }}
          check={call?.state === null ? () => setChecks(true) : undefined}
        />
      </header>
      {end.isConnected === false && (
        <p class="banner" role="status">
          {say("offline")}
        </p>
      )}
      {end.isFull && (
        <p class="banner" role="status">
          {say("error_full")}
        </p>
      )}
      {elsewhere}
      {current.phase === "open" && call?.state?.phase !== "in" && (
        <Waiting key={current.id} end={end} conversation={current.id} host={current.host} />
      )}
      {checks && call?.state === null && <DeviceCheck end={end} conversation={current.id} close={() => setChecks(false)} />}
      {call && (
        <Calling
          call={call}
          nameOf={(key) => current.people.find((person) => person.key === key)?.name ?? current.name}
        />
      )}
      <Talk end={end} conversation={current} version={version} agree={(id) => void end.agree(id)} />
    </div>
  );
}

/** Of two: what the other does; of several: who is there. */
const subtitle = ({ pair, people }: Conversation): string =>
  people.map((person) => (pair ? person.profession : person.name)).join(", ");

function List({ all, choose }: { readonly all: readonly Conversation[]; readonly choose: (id: string) => void }) {
  const { say } = useSpeech();
  return (
    <section class="list">
      <h1>{say("messages")}</h1>
      <ul>
        {all.map((one) => (
          <li key={one.id}>
            <button type="button" class="secondary" onClick={() => choose(one.id)}>
              <strong>{one.name}</strong>
              {one.unread > 0 && <span> · {say("unread", { count: one.unread })}</span>}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface Set {
  readonly end: PatientEnd;
  readonly conversation: Conversation;
  readonly forget: () => void;
  /** Tries the devices; not during a call, which has them. */
  readonly check: (() => void) | undefined;
}

function Settings({ end, conversation, forget, check }: Set) {
  const { say } = useSpeech();
  const { id, pair, host, phase } = conversation;
  return (
    <details class="settings">
      <summary>{say("menu")}</summary>
      <p>{say(end.isLasting ? "keptHere" : "keptTab")}</p>
      <label class="check">
        <input
          type="checkbox"
          checked={end.hidesAddress}
          onChange={({ currentTarget }) => void end.hideAddress(currentTarget.checked)}
        />
        {say("call_hideAddress")}
      </label>
      {check && (
        <button type="button" class="secondary" onClick={check}>
          {say("check_title")}
        </button>
      )}
      {pair && phase !== "waiting" && <Safety end={end} of={host} />}
      {phase !== "left" && phase !== "removed" && (
        <Asking label={say("leave")} ask={say("leaveAsk")} act={() => void end.leave(id)} />
      )}
      <Asking label={say("forget")} ask={say("forgetAsk")} act={forget} />
    </details>
  );
}
