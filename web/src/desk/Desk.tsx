/** The open desk: who wrote on one side, what is looked at on the other; on a telephone, one at a time. */

import type { VNode } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";

import { useCalls } from "../call/useCalls.ts";
import type { Entry } from "../end.ts";
import { There } from "../wire/content/call/presence.ts";
import { Alarms } from "./Alarms.tsx";
import { get, post } from "./api.ts";
import { Unread } from "./Back.tsx";
import { CallPane } from "./CallPane.tsx";
import { DeskCalls } from "./calls.ts";
import type { DeskEnd } from "./end.ts";
import { useHere } from "./here.ts";
import { Inbox } from "./Inbox.tsx";
import { Inviting } from "./Inviting.tsx";
import { Presence } from "./Presence.tsx";
import type { Room } from "./room.ts";
import { Newcomers } from "./Newcomers.tsx";
import { Settings } from "./Settings.tsx";
import { Several } from "./Several.tsx";
import type { DeskConversation, DeskState, Newcomer } from "./shapes.ts";
import { useDeskSpeech } from "./speech.ts";
import { Talking } from "./Talking.tsx";
import { useView } from "./views.ts";

export interface Known {
  readonly conversations: readonly DeskConversation[];
  readonly alarms: readonly Entry[];
  readonly newcomers: readonly Newcomer[];
  readonly room: Room;
}

interface Props {
  readonly end: DeskEnd;
  readonly state: DeskState;
  /** Turns the page to the other language. */
  readonly turn: VNode;
  /** Asks the desk anew where it stands. */
  readonly look: () => void;
}

export function Desk({ end, state, turn, look }: Props) {
  const { say } = useDeskSpeech();
  const [view, go] = useView();
  const [known, setKnown] = useState<Known>();
  const [version, setVersion] = useState(0);
  const line = useMemo(() => new DeskCalls(), []);
  const [hasCalls, setHasCalls] = useState(false);
  const calls = useCalls(line, hasCalls && known !== undefined ? known.conversations.map(({ id }) => id) : []);
  useEffect(() => line.start(() => setHasCalls(true)), [line]);
  useEffect(() => {
    // Not at once where this page has just come back into a call.
    if (hasCalls && (calls.on !== undefined || line.keptCall() === null)) void tellConsulting(calls.on !== undefined);
  }, [hasCalls, calls.on]);
  useHere();
  useEffect(() => {
    const changed = (): void => setVersion((before) => before + 1);
    const stop = end.listen(changed);
    document.addEventListener("visibilitychange", changed);
    addEventListener("focus", changed);
    return () => {
      stop();
      removeEventListener("focus", changed);
      document.removeEventListener("visibilitychange", changed);
    };
  }, [end]);
  useEffect(() => {
    look();
    Promise.all([end.list(), end.alarms(), get<Newcomer[]>("/api/newcomers"), get<Room>("/api/room")])
      .then(([conversations, alarms, newcomers, room]) => {
        line.know(state.me, conversations);
        setKnown({ conversations, alarms, newcomers, room });
      })
      // Locked, or gone: the page is told on its other line, and shows that instead of this.
      .catch(look);
  }, [end, version]);
  const unread = known?.conversations.reduce((sum, one) => sum + one.unread, 0) ?? 0;
  const waits = known?.room.waiting.filter(({ there }) => there === There.here).length ?? 0;
  const waiting = (known?.newcomers.filter((one) => !one.blocked).length ?? 0) + waits;
  // No name: titles are kept in the browser's history.
  useEffect(() => {
    const [alarm, count] = [known?.alarms.length ? "! " : "", unread + waiting];
    const call = calls.asked !== undefined ? say("call_titleAsked") : calls.on !== undefined ? say("call_title") : "";
    document.title = `${alarm}${count > 0 ? `(${count}) ` : ""}${call ? `${call} · ` : ""}${say("title")}`;
  }, [unread, waiting, known?.alarms.length, calls.asked, calls.on]);
  const current = view.is === "talk" ? known?.conversations.find(({ id }) => id === view.id) : undefined;
  const calling = known?.conversations.find(({ id }) => id === (calls.on ?? calls.asked));
  const call = calling && calls.of(calling.id);
  const inCall = (calls.on !== undefined && call?.state?.people) || [];
  const isInbox = view.is === "inbox" || (view.is === "talk" && current === undefined);
  return (
    <div class="desk" data-scene="open" data-panel={isInbox ? "inbox" : "main"} data-call={call && (calls.on ? "on" : "asked")}>
      <a class="skip" href="#main">
        {say("skip")}
      </a>
      <header class="top">
        <p class="me">
          <strong>{state.me?.name}</strong>
        </p>
        {known && <Presence room={known.room} />}
        <div class="actions">
          <button type="button" onClick={() => go({ is: "invite" })}>
            {say("invite")}
          </button>
          <button type="button" class="secondary" onClick={() => void post("/api/lock", { keys: false })}>
            {say("lockNow")}
          </button>
          <button type="button" class="quiet" onClick={() => go({ is: "settings" })}>
            {say("settings")}
          </button>
          {turn}
        </div>
      </header>
      {call && calling && <CallPane key={calling.id} call={call} conversation={calling} isShown={current?.id === calling.id} go={go} />}
      <nav class="side" aria-label={say("conversations")}>
        {state.reached === false && (
          <p class="banner" role="status">
            {say("offlineDesk")}
          </p>
        )}
        {known === undefined ? <p class="stated">{say("loading")}</p> : <Inbox end={end} known={known} view={view} go={go} inCall={inCall} />}
      </nav>
      <Unread.Provider value={unread}>
        <main id="main" tabIndex={-1}>
          {known !== undefined && view.is === "talk" && current !== undefined && (
            <Talking
              key={current.id}
              {...{ end, known, version, go }}
              conversation={current}
              around={view.around}
              call={calls.of(current.id)}
              isBusy={calls.on !== undefined || calls.asked !== undefined}
              line={line}
            />
          )}
          {known !== undefined && view.is === "alarms" && <Alarms known={known} go={go} changed={() => setVersion(version + 1)} />}
          {known !== undefined && view.is === "newcomers" && <Newcomers all={known.newcomers} go={go} />}
          {known !== undefined && view.is === "several" && <Several all={known.conversations} go={go} />}
          {view.is === "invite" && <Inviting key={view.id} id={view.id} withdrawn={view.withdrawn} version={version} go={go} />}
          {view.is === "settings" && <Settings state={state} line={line} go={go} />}
          {isInbox && (
            <>
              <h1 class="hidden">{say("conversations")}</h1>
              <p class="notice empty">{known !== undefined && known.conversations.length > 0 && say("choose")}</p>
            </>
          )}
        </main>
      </Unread.Provider>
    </div>
  );
}

/** While a consultation is on, the screen does not lock. Locked meanwhile, or not there: the page is told on its other line. */
const tellConsulting = (on: boolean): Promise<unknown> => post("/api/consultation", { on }).catch(() => undefined);
