/** A conversation at the desk: who is in it, a search through it, and the conversation itself. */

import { useState } from "preact/hooks";

import type { Call } from "../call/call.ts";
import { Calling } from "../call/Calling.tsx";
import { Talk } from "../ui/Talk.tsx";
import { Asking } from "../ui/Asking.tsx";
import { Back } from "./Back.tsx";
import { CallButtons } from "./CallButtons.tsx";
import { calledHere } from "./called.ts";
import type { DeskCalls } from "./calls.ts";
import type { Known } from "./Desk.tsx";
import type { DeskEnd } from "./end.ts";
import { FoundMessages } from "./FoundMessages.tsx";
import { Heading, Problem, useDoing } from "./parts.tsx";
import { People } from "./People.tsx";
import { Report } from "./Report.tsx";
import { Reports } from "./Reports.tsx";
import { correcting, type Begun, type KeptReport } from "./reporting.ts";
import { SearchBox, foundWords, useFound } from "./search.tsx";
import type { DeskConversation, DeskPerson } from "./shapes.ts";
import { useDeskSpeech } from "./speech.ts";
import type { Go } from "./views.ts";
import { WaitBar } from "./WaitBar.tsx";

interface Props {
  readonly end: DeskEnd;
  readonly known: Known;
  readonly version: number;
  readonly conversation: DeskConversation;
  readonly around: string | undefined;
  readonly go: Go;
  /** Of this conversation; none where another window of the desk has the calls. */
  readonly call: Call | undefined;
  /** A call is on, here or elsewhere. */
  readonly isBusy: boolean;
  readonly line: DeskCalls;
}

export function Talking({ end, known, version, conversation, around, go, call, isBusy, line }: Props) {
  const { say } = useDeskSpeech();
  const doing = useDoing();
  const [open, setOpen] = useState<"people" | "search" | "call" | "reports">();
  const [words, setWords] = useState("");
  const [writing, setWriting] = useState<{ readonly from?: Begun }>();
  const found = useFound(end, open === "search" ? words : "", conversation.id);
  const { id, name, people, asking, pair, phase } = conversation;
  const waiting = known.room.waiting.filter((one) => one.conversation === id && !(isBusy && call?.state?.people.includes(one.key)));
  const isOpen = phase === "open";
  const about = (person: DeskPerson): string => {
    const called = pair ? "" : calledHere(known.conversations, person);
    return [
      (!pair || person.name !== name) && person.name,
      called && say("called", { name: called }),
      person.profession,
      say(person.verified ? "verified" : "stated"),
      !person.here && isOpen && say("notHere"),
    ]
      .filter(Boolean)
      .join(", ");
  };
  const turn = (which: "people" | "search" | "call" | "reports"): void => setOpen(open === which ? undefined : which);
  const show = (conversationId: string, entry: string): void => {
    setOpen(undefined);
    go({ is: "talk", id: conversationId, around: entry });
  };
  const write = (corrected?: KeptReport): void => {
    setOpen(undefined);
    setWriting(corrected ? { from: correcting(corrected, id, crypto.randomUUID().replaceAll("-", "")) } : {});
  };
  return (
    <div class="talk">
      <header>
        <Back go={go} />
        <Heading>{name}</Heading>
        <p class="stated members">
          {people.map((person) => (
            <span key={person.key} class="member">
              {about(person)}
            </span>
          ))}
        </p>
        <div class="tools">
          {call && isOpen && !isBusy && (
            <button type="button" class="quiet" aria-expanded={open === "call"} onClick={() => turn("call")}>
              {say("call_title")}
            </button>
          )}
          <button type="button" class="quiet" aria-expanded={open === "people"} onClick={() => turn("people")}>
            {say("people")}
          </button>
          <button type="button" class="quiet" aria-expanded={open === "search"} onClick={() => turn("search")}>
            {say("search")}
          </button>
          <button type="button" class="quiet" aria-expanded={open === "reports"} onClick={() => turn("reports")}>
            {say("reports")}
          </button>
        </div>
      </header>
      {call && !isBusy && open === "call" && (
        <section class="drawer" aria-label={say("call_title")}>
          <CallButtons
            {...{ call, conversation, line }}
            isExpected={known.room.expected.includes(id)}
            done={() => setOpen(undefined)}
          />
        </section>
      )}
      {waiting.length > 0 && <WaitBar line={line} call={isBusy ? undefined : call} conversation={conversation} waiting={waiting} />}
      {call && call.state?.phase === "over" && (
        <>
          <Calling call={call} nameOf={() => name} />
          {call.facts && call.facts.people.length > 0 && !writing && (
            <p>
              <button type="button" onClick={() => write()}>
                {say("report_write")}
              </button>
            </p>
          )}
        </>
      )}
      {open === "people" && <People conversation={conversation} known={known} close={() => setOpen(undefined)} />}
      {open === "search" && (
        <section class="drawer" aria-label={say("searchHere")}>
          <SearchBox id="here" label={say("searchHere")} words={words} set={setWords} />
          {found && (
            <>
              <p role="status" class="stated">
                {foundWords(found, say)}
              </p>
              <FoundMessages messages={found.messages} known={known} open={show} />
            </>
          )}
        </section>
      )}
      {open === "reports" && <Reports {...{ conversation: id, version, write }} />}
      {writing && <Report conversation={conversation} facts={call?.facts ?? null} from={writing.from} close={() => setWriting(undefined)} />}
      {phase !== "returning" &&
        asking.map((key) => (
          <p key={key} class="banner">
            {say("letBackAsk", { name: people.find((person) => person.key === key)?.name ?? name })}{" "}
            <Asking label={say("agree")} ask={say("agree")} act={() => void doing.run(() => end.letBack(id))} />
          </p>
        ))}
      <Problem of={doing} />
      <Talk
        {...{ end, conversation, version, around }}
        agree={() => void doing.run(() => end.letBack(id))}
        newest={() => go({ is: "talk", id })}
      />
    </div>
  );
}
