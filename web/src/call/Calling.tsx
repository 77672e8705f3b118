/** The call of one conversation, wherever it stands: somebody calls, it is on, or it has just ended. */

import { useEffect, useState } from "preact/hooks";

import { useSpeech } from "../ui/speech.ts";
import { Call } from "./call.ts";
import { CallScreen } from "./CallScreen.tsx";
import type { CallEnd } from "./end.ts";
import { isIn } from "./model.ts";

interface Props {
  readonly end: CallEnd;
  readonly conversation: string;
  readonly nameOf: (key: string) => string;
}

/** One call for one conversation, for as long as it is looked at. */
export function useCall(end: CallEnd, conversation: string): Call | null {
  const [call, setCall] = useState<Call | null>(null);
  const [, setVersion] = useState(0);
  useEffect(() => {
    const made = new Call(end, conversation);
    const stop = made.watch(() => setVersion((before) => before + 1));
    setCall(made);
    return () => {
      stop();
      made.stop();
    };
  }, [end, conversation]);
  return call;
}

export function Calling({ end, conversation, nameOf }: Props) {
  const { say } = useSpeech();
  const call = useCall(end, conversation);
  const state = call?.state ?? null;
  if (call === null || state === null) return null;
  if (isIn(state)) return <CallScreen call={call} state={state} nameOf={nameOf} />;
  if (state.phase === "asked") {
    return (
      <section class="call asked" role="alertdialog" aria-labelledby="call-asks" aria-describedby="call-note">
        <h2 id="call-asks">{say("call_asks", { name: nameOf(state.ringer) })}</h2>
        <p id="call-note">{say("call_agreeNote")}</p>
        <div class="buttons">
          {state.video && (
            <button type="button" onClick={() => void call.agree(true)}>
              {say("call_withPicture")}
            </button>
          )}
          <button type="button" class={state.video ? "secondary" : ""} onClick={() => void call.agree(false)}>
            {say("call_soundOnly")}
          </button>
          <button type="button" class="secondary" onClick={() => call.decline()}>
            {say("call_decline")}
          </button>
        </div>
      </section>
    );
  }
  const why = state.why ?? "over";
  return (
    <p class="banner" role="status" data-over={why}>
      {say(why === "over" ? "call_over" : `call_over_${why}`)}
      {why !== "over" && state.telephone !== "" && ` ${say("call_telephone", { number: state.telephone })}`}
    </p>
  );
}
