/** One entry of a conversation: words, a document, or what happened. */

import { useState } from "preact/hooks";

import type { Conversation, End, Entry } from "../end.ts";
import { Attachment } from "./Attachment.tsx";
import { useSpeech } from "./speech.ts";
import { hourOf } from "./time.ts";

interface Props {
  readonly end: End;
  readonly conversation: Conversation;
  readonly entry: Entry;
  readonly fail: (error: unknown) => void;
  readonly isSought?: boolean;
}

export function nameOf(conversation: Conversation, key: string | null, me: string): string {
  if (key === null) return me;
  return conversation.people.find((person) => person.key === key)?.name ?? conversation.name;
}

export function Line(props: Props) {
  const { conversation, entry } = props;
  const speech = useSpeech();
  const { say } = speech;
  if (entry.kind === "notice" && entry.notice) {
    const { what, who, count } = entry.notice;
    return <p class="notice">{say(`notice_${what}`, { name: nameOf(conversation, who, say("me")), count })}</p>;
  }
  const author = nameOf(conversation, entry.author, say("me"));
  const mine = entry.author === null;
  const state = say(`state_${entry.state}`);
  return (
    <article class={`line${mine ? " mine" : ""}${props.isSought ? " sought" : ""}`} data-state={entry.state}>
      <h3 class="author">{author}</h3>
      {entry.state === "retracted" ? (
        <p class="gone">{state}</p>
      ) : entry.document ? (
        <Attachment {...props} document={entry.document} />
      ) : (
        <p class="words">{entry.text}</p>
      )}
      <p class="state">
        <time dateTime={new Date(entry.sentAt).toISOString()}>{hourOf(speech, entry.sentAt)}</time>
        {state && entry.state !== "retracted" && <span> · {state}</span>}
        {mine && entry.state !== "retracted" && <Retract {...props} />}
      </p>
      {entry.late && <p class="late">{say("late")}</p>}
    </article>
  );
}

function Retract({ end, entry, fail }: Props) {
  const { say } = useSpeech();
  const [asking, ask] = useState(false);
  const retract = (): void => void end.retract(entry.conversation, entry.id).catch(fail);
  if (!asking) {
    return (
      <button type="button" class="quiet" onClick={() => ask(true)}>
        {say("retract")}
      </button>
    );
  }
  return (
    <span class="question" role="alertdialog" aria-label={say("retractAsk")}>
      <span class="ask">{say("retractAsk")}</span>
      <button type="button" class="quiet" onClick={retract}>
        {say("yes")}
      </button>
      <button type="button" class="quiet" onClick={() => ask(false)}>
        {say("no")}
      </button>
    </span>
  );
}
