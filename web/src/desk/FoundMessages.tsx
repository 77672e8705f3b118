/** Messages that a search found: each leads to where it stands. */

import type { Entry } from "../end.ts";
import { nameOf } from "../ui/Line.tsx";
import { shownName } from "../ui/shown.ts";
import { momentOf } from "../ui/time.ts";
import type { Known } from "./Desk.tsx";
import { useDeskSpeech } from "./speech.ts";

interface Props {
  readonly messages: readonly Entry[];
  readonly known: Known;
  readonly open: (conversation: string, around: string) => void;
  /** Through all conversations: each message says in which it stands. */
  readonly isAll?: boolean;
}

export function FoundMessages({ messages, known, open, isAll }: Props) {
  const speech = useDeskSpeech();
  return (
    <ul class="lines">
      {messages.map((entry) => {
        const conversation = known.conversations.find(({ id }) => id === entry.conversation);
        if (conversation === undefined) return null;
        const author = nameOf(conversation, entry.author, speech.say("me"));
        return (
          <li key={entry.id}>
            <button type="button" class="inbox-line" onClick={() => open(entry.conversation, entry.id)}>
              <span class="who">
                <strong>{isAll && author !== conversation.name ? `${conversation.name} · ${author}` : author}</strong>
                <time dateTime={new Date(entry.sentAt).toISOString()}>{momentOf(speech, entry.sentAt, Date.now())}</time>
              </span>
              <span class="preview">{entry.document ? shownName(entry.document.name) : entry.text.slice(0, 300)}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
