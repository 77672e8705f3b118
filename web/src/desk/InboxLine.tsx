/** One conversation in the inbox: with whom, what is new, what came last, what is wrong. */

import { shownName } from "../ui/shown.ts";
import { momentOf } from "../ui/time.ts";
import { nameOf } from "../ui/Line.tsx";
import type { DeskConversation } from "./shapes.ts";
import { unreadWords, useDeskSpeech, type DeskSay } from "./speech.ts";

interface Props {
  readonly conversation: DeskConversation;
  readonly isCurrent: boolean;
  readonly open: () => void;
}

export function InboxLine({ conversation, isCurrent, open }: Props) {
  const speech = useDeskSpeech();
  const { say } = speech;
  const { name, people, pair, unread, last, late, phase, asking } = conversation;
  const marks = [
    ...(unread > 0 ? [["new", unreadWords(unread, say)]] : []),
    ...(late ? [["wrong", say("notDelivered")]] : []),
    ...(phase === "returning" || asking.length > 0 ? [["wrong", say("asksBack")]] : []),
    ...(phase === "waiting" ? [["", say("notOpen")]] : []),
    ...(phase === "left" || phase === "removed" ? [["", say("over")]] : []),
    ...(pair && people[0]?.blocked ? [["", say("blocked")]] : []),
  ] as const;
  return (
    <button type="button" class="inbox-line" aria-current={isCurrent ? "true" : undefined} onClick={open}>
      <span class="who">
        <strong>{name}</strong>
        {last && <time dateTime={new Date(last.cameAt).toISOString()}>{momentOf(speech, last.cameAt, Date.now())}</time>}
      </span>
      {marks.length > 0 && (
        <span class="marks">
          {marks.map(([kind, words]) => (
            <span key={words} class={`mark ${kind}`}>
              {words}
            </span>
          ))}
        </span>
      )}
      {!pair && <span class="stated">{membersOf(conversation, say)}</span>}
      {last && <span class="preview">{previewOf(conversation, say)}</span>}
    </button>
  );
}

export const membersOf = ({ people }: DeskConversation, say: DeskSay): string =>
  [say("several", { count: people.length + 1 }), people.map(({ name, profession }) => (profession ? `${name} (${profession})` : name)).join(", ")].join(" · ");

function previewOf(conversation: DeskConversation, say: DeskSay): string {
  const { last, pair } = conversation;
  if (last === null) return "";
  const words = last.state === "retracted" ? say("state_retracted") : last.document ? shownName(last.document.name) : last.text.slice(0, 200);
  if (last.author === null) return `${say("justMe")} ${words}`;
  return pair ? words : say("saidBy", { name: nameOf(conversation, last.author, ""), words });
}
