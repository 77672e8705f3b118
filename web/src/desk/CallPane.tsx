/** The call that is on, or that somebody makes, wherever one looks at the desk: a conversation beside it goes on. */

import type { Call } from "../call/call.ts";
import { Calling } from "../call/Calling.tsx";
import { isIn } from "../call/model.ts";
import type { DeskConversation } from "./shapes.ts";
import { useDeskSpeech } from "./speech.ts";
import type { Go } from "./views.ts";

interface Props {
  readonly call: Call;
  readonly conversation: DeskConversation;
  /** Whether its conversation is looked at. */
  readonly isShown: boolean;
  readonly go: Go;
}

export function CallPane({ call, conversation, isShown, go }: Props) {
  const { say } = useDeskSpeech();
  const { id, name, people } = conversation;
  const { state } = call;
  return (
    <section class="calls" aria-label={say("call_with", { name })}>
      {!isShown && (
        <button type="button" class="quiet" onClick={() => go({ is: "talk", id })}>
          {say("call_toTalk", { name })}
        </button>
      )}
      <Calling call={call} nameOf={(key) => people.find((person) => person.key === key)?.name ?? name} />
      {state !== null && isIn(state) && <TakeIn call={call} conversation={conversation} />}
    </section>
  );
}

/** A carer, an interpreter, a colleague who is in the conversation, and not in its call. */
function TakeIn({ call, conversation }: { readonly call: Call; readonly conversation: DeskConversation }) {
  const { say } = useDeskSpeech();
  const { state } = call;
  if (state === null || state.ringer !== state.me || state.people.length >= 4) return null;
  const outside = conversation.people.filter(({ key, here }) => here && !state.people.includes(key));
  return (
    <div class="buttons">
      {outside.map(({ key, name }) => (
        <button key={key} type="button" class="secondary" onClick={() => call.invite([...state.people, key])}>
          {say("call_takeIn", { name })}
        </button>
      ))}
    </div>
  );
}
