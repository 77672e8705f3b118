/** What cannot be undone is done once it was asked whether it is meant. */

import { useState } from "preact/hooks";

import { useSpeech } from "../ui/speech.ts";

interface Props {
  readonly label: string;
  readonly ask: string;
  readonly act: () => void;
}

export function Asking({ label, ask, act }: Props) {
  const { say } = useSpeech();
  const [isOpen, open] = useState(false);
  if (!isOpen) {
    return (
      <button type="button" class="secondary" onClick={() => open(true)}>
        {label}
      </button>
    );
  }
  return (
    <p>
      {ask}{" "}
      <button
        type="button"
        class="danger"
        onClick={() => {
          open(false);
          act();
        }}
      >
        {say("yes")}
      </button>{" "}
      <button type="button" class="secondary" onClick={() => open(false)}>
        {say("no")}
      </button>
    </p>
  );
}
