/** The call of one conversation, wherever it stands: somebody calls, it is on, or it has just ended. */

import { useSpeech } from "../ui/speech.ts";
import type { Call } from "./call.ts";
import { CallScreen } from "./CallScreen.tsx";
import { isIn } from "./model.ts";

interface Props {
  readonly call: Call;
  readonly nameOf: (key: string) => string;
}

export function Calling({ call, nameOf }: Props) {
  const { say } = useSpeech();
  const { state } = call;
  if (state === null) return null;
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
      {why !== "over" && state.telephone !== "" && state.ringer !== state.me && ` ${say("call_telephone", { number: state.telephone })}`}
    </p>
  );
}
