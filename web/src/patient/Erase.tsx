/** Erasing everything from this device, once it was asked whether that is meant. */

import { useState } from "preact/hooks";

import { useSpeech } from "../ui/speech.ts";

export function Erase({ erase }: { readonly erase: () => void }) {
  const { say } = useSpeech();
  const [asking, ask] = useState(false);
  if (!asking) {
    return (
      <button type="button" class="secondary" onClick={() => ask(true)}>
        {say("forget")}
      </button>
    );
  }
  return (
    <p>
      {say("forgetAsk")}{" "}
      <button type="button" class="danger" onClick={erase}>
        {say("yes")}
      </button>{" "}
      <button type="button" class="secondary" onClick={() => ask(false)}>
        {say("no")}
      </button>
    </p>
  );
}
