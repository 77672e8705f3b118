/** What is done once it was asked whether it is meant. */

import { useState } from "preact/hooks";

import { useSpeech } from "./speech.ts";

interface Asked {
  readonly label: string;
  readonly ask: string;
  readonly act: () => void;
  readonly kind?: "quiet" | "secondary" | "danger";
}

/** A button that asks whether that is meant. */
export function Asking({ label, ask, act, kind = "secondary" }: Asked) {
  const { say } = useSpeech();
  const [open, setOpen] = useState(false);
  if (!open) {
    return (
      <button type="button" class={kind} onClick={() => setOpen(true)}>
        {label}
      </button>
    );
  }
  return (
    <span class="question" role="alertdialog" aria-label={ask}>
      <span class="ask">{ask}</span>
      <button
        type="button"
        class="danger"
        onClick={() => {
          setOpen(false);
          act();
        }}
      >
        {say("yes")}
      </button>{" "}
      <button type="button" class="secondary" onClick={() => setOpen(false)}>
        {say("no")}
      </button>
    </span>
  );
}
