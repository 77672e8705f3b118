/** Calls the people of a conversation, with picture or with sound alone. */

import { useState } from "preact/hooks";

import type { Call } from "../call/call.ts";
import { useDoing, Problem } from "./parts.tsx";
import type { DeskConversation } from "./shapes.ts";
import { useDeskSpeech } from "./speech.ts";

/** Beside the one who calls (C4). */
const MOST = 3;

interface Props {
  readonly call: Call;
  readonly conversation: DeskConversation;
  readonly telephone: string;
}

export function CallButtons({ call, conversation, telephone }: Props) {
  const { say } = useDeskSpeech();
  const doing = useDoing();
  const reachable = conversation.people.filter(({ here, blocked }) => here && !blocked);
  const [left, leave] = useState<readonly string[]>([]);
  const called = reachable.filter(({ key }) => !left.includes(key)).map(({ key }) => key);
  const ring = (video: boolean): void => void doing.run(() => call.ring(called, video, telephone));
  const isOff = doing.busy || called.length === 0 || called.length > MOST;
  return (
    <>
      {reachable.length > 1 && (
        <fieldset>
          <legend>{say("call_whom")}</legend>
          {reachable.map(({ key, name }) => (
            <label key={key} class="check">
              <input
                type="checkbox"
                checked={!left.includes(key)}
                onChange={({ currentTarget }) => leave(currentTarget.checked ? left.filter((one) => one !== key) : [...left, key])}
              />
              {name}
            </label>
          ))}
          <p role="status">{called.length > MOST && say("call_tooMany")}</p>
        </fieldset>
      )}
      <div class="buttons">
        <button type="button" disabled={isOff} onClick={() => ring(true)}>
          {say("call_start")}
        </button>
        <button type="button" class="secondary" disabled={isOff} onClick={() => ring(false)}>
          {say("call_startSound")}
        </button>
      </div>
      <Problem of={doing} />
    </>
  );
}
