/** Who waits, who wrote, and what could not be delivered; and a search through everything. */

import { useState } from "preact/hooks";

import { There } from "../wire/content/call/presence.ts";
import type { Known } from "./Desk.tsx";
import type { DeskEnd } from "./end.ts";
import { InboxLine } from "./InboxLine.tsx";
import { SearchBox, foundWords, useFound } from "./search.tsx";
import type { DeskConversation } from "./shapes.ts";
import { unreadWords, useDeskSpeech, type DeskWord } from "./speech.ts";
import type { Go, View } from "./views.ts";
import { FoundMessages } from "./FoundMessages.tsx";
import { WaitingList } from "./WaitingList.tsx";

/** More are shown when they are asked for: the search finds whoever is further down. */
const AT_ONCE = 60;

interface Props {
  readonly end: DeskEnd;
  readonly known: Known;
  readonly view: View;
  readonly go: Go;
  readonly inCall: readonly string[];
}

export function Inbox({ end, known, view, go, inCall }: Props) {
  const { say } = useDeskSpeech();
  const [words, setWords] = useState("");
  const found = useFound(end, words);
  const waiting = known.newcomers.filter((one) => !one.blocked).length;
  const here = known.room.waiting.filter(({ key, there }) => there === There.here && !inCall.includes(key)).length;
  const counted = (one: DeskWord, many: DeskWord, count: number): string => (count === 1 ? say(one) : say(many, { count }));
  const open = (id: string, around?: string): void => go({ is: "talk", id, around });
  const lines = (title: DeskWord, all: readonly DeskConversation[]) => (
    <Lines title={say(title)} all={all} current={view.is === "talk" ? view.id : undefined} open={open} />
  );
  const [unread, others] = [known.conversations.filter((one) => one.unread > 0), known.conversations.filter((one) => one.unread === 0)];
  return (
    <>
      <SearchBox id="search" label={say("searchAll")} words={words} set={setWords} />
      {known.alarms.length > 0 && (
        <button type="button" class="alarm" onClick={() => go({ is: "alarms" })}>
          {counted("alarmsOne", "alarmsMany", known.alarms.length)}
        </button>
      )}
      <WaitingList
        room={known.room}
        conversations={known.conversations}
        inCall={inCall}
        current={view.is === "talk" ? view.id : undefined}
        open={open}
      />
      <p class="hidden" role="status">
        {here > 0 && `${counted("room_one", "room_many", here)} `}
        {known.alarms.length > 0 && counted("alarmsOne", "alarmsMany", known.alarms.length)}
        {waiting > 0 && ` ${counted("newcomersOne", "newcomersMany", waiting)}`}
        {unread.length > 0 && ` ${unreadWords(unread.reduce((sum, one) => sum + one.unread, 0), say)}`}
      </p>
      {known.newcomers.length > 0 && (
        <button type="button" class={waiting > 0 ? "waiting" : "quiet"} onClick={() => go({ is: "newcomers" })}>
          {waiting > 0 ? counted("newcomersOne", "newcomersMany", waiting) : say("blockedOnes")}
        </button>
      )}
      {found !== undefined ? (
        <>
          {found.conversations.length > 0 &&
            lines("searchPeople", known.conversations.filter(({ id }) => found.conversations.includes(id)))}
          {found.messages.length > 0 && <h2>{say("searchMessages")}</h2>}
          <FoundMessages messages={found.messages} known={known} open={open} isAll />
          <p role="status" class="stated">
            {foundWords(found, say)}
          </p>
        </>
      ) : (
        <>
          {unread.length > 0 && lines("toRead", unread)}
          {others.length > 0 && lines(unread.length > 0 ? "others" : "conversations", others)}
          {known.conversations.length === 0 && <p class="stated">{say("emptyInbox")}</p>}
          {known.conversations.length > 1 && (
            <button type="button" class="quiet" onClick={() => go({ is: "several" })}>
              {say("groupTitle")}
            </button>
          )}
        </>
      )}
    </>
  );
}

interface Listed {
  readonly title: string;
  readonly all: readonly DeskConversation[];
  readonly current: string | undefined;
  readonly open: (id: string) => void;
}

function Lines({ title, all, current, open }: Listed) {
  const { say } = useDeskSpeech();
  const [most, setMost] = useState(AT_ONCE);
  return (
    <>
      <h2>{title}</h2>
      <ul class="lines">
        {all.slice(0, most).map((one) => (
          <li key={one.id}>
            <InboxLine conversation={one} isCurrent={one.id === current} open={() => open(one.id)} />
          </li>
        ))}
      </ul>
      {all.length > most && (
        <button type="button" class="quiet" onClick={() => setMost(most + AT_ONCE)}>
          {say("more", { count: all.length - most })}
        </button>
      )}
    </>
  );
}
