/** Somebody waits in this conversation: let in, or told how much longer it takes. */

import { useState } from "preact/hooks";

import type { Call } from "../call/call.ts";
import { There } from "../wire/content/call/presence.ts";
import { WORD_BYTES } from "../wire/content/call/word.ts";
import type { DeskCalls } from "./calls.ts";
import { Field, Problem, useDoing } from "./parts.tsx";
import { useNow, waitWords, type Waiting } from "./room.ts";
import type { DeskConversation } from "./shapes.ts";
import { useDeskSpeech } from "./speech.ts";

const READY = [5, 10, 20];

interface Props {
  readonly line: DeskCalls;
  /** None while another call is on. */
  readonly call: Call | undefined;
  readonly conversation: DeskConversation;
  readonly waiting: readonly Waiting[];
}

export function WaitBar({ line, call, conversation, waiting }: Props) {
  const { say } = useDeskSpeech();
  const doing = useDoing();
  const now = useNow();
  const [words, setWords] = useState("");
  const [writes, setWrites] = useState(false);
  const [said, setSaid] = useState("");
  const keys = waiting.map(({ key }) => key);
  const tell = async (minutes: number, text: string, admitted = false): Promise<void> => {
    for (const key of keys) await line.signal(conversation.id, { is: "word", admitted, minutes, text }, key);
  };
  const send = (minutes: number, text: string): void => {
    void doing.run(() => tell(minutes, text)).then((done) => {
      if (!done) return;
      setSaid(minutes > 0 ? say("room_minutes", { count: minutes }) : text);
      setWords("");
      setWrites(false);
    });
  };
  const letIn = (): void => {
    const present = waiting.filter(({ there }) => there === There.here).map(({ key }) => key);
    void doing.run(async () => {
      await tell(0, "", true);
      await call?.ring(present.length > 0 ? present : keys, true, line.telephone);
    });
  };
  const nameOf = (key: string): string => conversation.people.find((person) => person.key === key)?.name ?? conversation.name;
  const isTooLong = new TextEncoder().encode(words).length > WORD_BYTES;
  return (
    <section class="banner waits" aria-label={say("room_title")}>
      {waiting.map((one) => (
        <p key={one.key}>
          <strong>{nameOf(one.key)}</strong> · {waitWords(one, now, say)}
        </p>
      ))}
      <div class="buttons">
        {call && (
          <button type="button" disabled={doing.busy} onClick={letIn}>
            {say("room_admit")}
          </button>
        )}
        <span>{say("room_more")}</span>
        {READY.map((count) => (
          <button
            key={count}
            type="button"
            class="secondary"
            aria-label={say("room_minutes", { count })}
            disabled={doing.busy}
            onClick={() => send(count, "")}
          >
            {say("room_minutesShort", { count })}
          </button>
        ))}
        <button type="button" class="secondary" aria-expanded={writes} onClick={() => setWrites(!writes)}>
          {say("room_word")}
        </button>
      </div>
      {writes && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (words.trim() !== "" && !isTooLong) send(0, words.trim());
          }}
          noValidate
        >
          <Field id="word" label={say("room_wordLabel")} hint={say("room_wordHint")} value={words} set={setWords} />
          <button type="submit" class="secondary" disabled={doing.busy || words.trim() === "" || isTooLong}>
            {say("room_wordSend")}
          </button>
        </form>
      )}
      <p role="status">{said && say("room_said", { words: said })}</p>
      <Problem of={doing} />
    </section>
  );
}
