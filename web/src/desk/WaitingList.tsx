/** Who waits, who is away for a moment, and who is expected; each leads to the conversation. */

import { There } from "../wire/content/call/presence.ts";
import { useNow, waitWords, type Room } from "./room.ts";
import type { DeskConversation } from "./shapes.ts";
import { useDeskSpeech } from "./speech.ts";

interface Props {
  readonly room: Room;
  readonly conversations: readonly DeskConversation[];
  /** Keys of those who are in the call that is on. */
  readonly inCall: readonly string[];
  readonly current: string | undefined;
  readonly open: (id: string) => void;
}

export function WaitingList({ room, conversations, inCall, current, open }: Props) {
  const { say } = useDeskSpeech();
  const now = useNow();
  const waiting = room.waiting.filter(({ key }) => !inCall.includes(key));
  const rest = room.expected.filter((id) => !room.waiting.some(({ conversation }) => conversation === id));
  const line = (key: string, id: string, who: string | undefined, words: string, mark: string) => {
    const conversation = conversations.find((one) => one.id === id);
    if (conversation === undefined) return null;
    const name = conversation.people.find((person) => person.key === who)?.name;
    return (
      <li key={key}>
        <button type="button" class="inbox-line" aria-current={id === current ? "true" : undefined} onClick={() => open(id)}>
          <strong>{conversation.pair ? conversation.name : `${name ?? ""} · ${conversation.name}`}</strong>
          <span class="marks">
            <span class={`mark ${mark}`}>{words}</span>
          </span>
        </button>
      </li>
    );
  };
  if (waiting.length + rest.length === 0) return null;
  return (
    <>
      <h2>{say("room_title")}</h2>
      <ul class="lines" data-room>
        {waiting.map((one) =>
          line(one.key + one.conversation, one.conversation, one.key, waitWords(one, now, say), one.there === There.here ? "new" : ""),
        )}
        {rest.map((id) => line(id, id, undefined, say("room_expected"), ""))}
      </ul>
    </>
  );
}
