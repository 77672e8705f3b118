/** The conversations of this end: the list where there are several, and the one that is open. */

import { useEffect, useState } from "preact/hooks";

import type { Conversation } from "../end.ts";
import { Talk } from "../ui/Talk.tsx";
import { useSpeech } from "../ui/speech.ts";
import { Erase } from "./Erase.tsx";
import type { PatientEnd } from "./end.ts";

interface Props {
  readonly end: PatientEnd;
  readonly open: string | undefined;
  readonly forget: () => void;
}

export function Talks({ end, open, forget }: Props) {
  const { say } = useSpeech();
  const [version, setVersion] = useState(0);
  const [all, setAll] = useState<readonly Conversation[]>([]);
  const [chosen, choose] = useState(open);
  useEffect(() => choose(open), [open]);
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
  const unread = all.reduce((sum, one) => sum + one.unread, 0);
  // No name: titles are kept in the browser's history, also where nothing else is.
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) ${say("title")}` : say("title");
  }, [unread]);
  if (current === undefined) return <List all={all} choose={choose} />;
  return (
    <div class="talk">
      <header>
        {all.length > 1 && (
          <button type="button" class="quiet" onClick={() => choose("")}>
            {say("back")}
          </button>
        )}
        <h1>{current.name}</h1>
        <p class="stated">{subtitle(current)}</p>
        <Settings end={end} forget={forget} />
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

function Settings({ end, forget }: { readonly end: PatientEnd; readonly forget: () => void }) {
  const { say } = useSpeech();
  return (
    <details class="settings">
      <summary>{say("menu")}</summary>
      <p>{say(end.isLasting ? "keptHere" : "keptTab")}</p>
      <Erase erase={forget} />
    </details>
  );
}
