/** Calls the people of a conversation, with picture or with sound alone. */

import { useState } from "preact/hooks";

import { DeviceCheck } from "../call/DeviceCheck.tsx";
import type { Call } from "../call/call.ts";
import { post } from "./api.ts";
import type { DeskCalls } from "./calls.ts";
import { useDoing, Problem } from "./parts.tsx";
import type { DeskConversation } from "./shapes.ts";
import { useDeskSpeech } from "./speech.ts";

/** Beside the one who calls (C4). */
const MOST = 3;

interface Props {
  readonly call: Call;
  readonly conversation: DeskConversation;
  readonly line: DeskCalls;
  readonly isExpected: boolean;
  /** It rings. */
  readonly done: () => void;
}

export function CallButtons({ call, conversation, line, isExpected, done }: Props) {
  const { say } = useDeskSpeech();
  const doing = useDoing();
  const [checks, setChecks] = useState(false);
  const reachable = conversation.people.filter(({ here, blocked }) => here && !blocked);
  const [left, leave] = useState<readonly string[]>([]);
  const called = reachable.filter(({ key }) => !left.includes(key)).map(({ key }) => key);
  const ring = (video: boolean): void => void doing.run(() => call.ring(called, video, line.telephone)).then((rings) => rings && done());
  const expect = (): Promise<unknown> => post(`/api/conversations/${conversation.id}/expected`, { expected: !isExpected });
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
        {conversation.mine && (
          <button type="button" class="secondary" disabled={doing.busy} onClick={() => void doing.run(expect)}>
            {say(isExpected ? "room_unexpect" : "room_expect")}
          </button>
        )}
        <button type="button" class="quiet" aria-expanded={checks} onClick={() => setChecks(!checks)}>
          {say("check_title")}
        </button>
      </div>
      {conversation.mine && <p class="stated">{say(isExpected ? "room_expectOn" : "room_expectMore")}</p>}
      {checks && <DeviceCheck end={line} conversation={conversation.id} close={() => setChecks(false)} />}
      <Problem of={doing} />
    </>
  );
}
