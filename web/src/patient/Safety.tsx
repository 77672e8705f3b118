/** The safety number of a conversation of two (S9), to be compared with the practice by telephone. */

import { useState } from "preact/hooks";

import { useSpeech } from "../ui/speech.ts";
import type { PatientEnd } from "./end.ts";

interface Props {
  readonly end: PatientEnd;
  /** The practice's key. */
  readonly of: string;
}

export function Safety({ end, of }: Props) {
  const { say } = useSpeech();
  const [number, setNumber] = useState("");
  const set = (isVerified: boolean): void => void end.setVerified(of, isVerified).then(() => setNumber(""), () => undefined);
  if (end.isVerified(of)) {
    return (
      <p>
        {say("safety_verified")}{" "}
        <button type="button" class="secondary" onClick={() => set(false)}>
          {say("safety_undo")}
        </button>
      </p>
    );
  }
  return (
    <>
      <button
        type="button"
        class="secondary"
        aria-expanded={number !== ""}
        onClick={() => (number ? setNumber("") : void end.safetyNumber(of).then(setNumber))}
      >
        {say("safety_verify")}
      </button>
      {number !== "" && (
        <div class="safety">
          <p>{say("safety_how")}</p>
          <p class="number" translate={false}>
            {number}
          </p>
          <button type="button" onClick={() => set(true)}>
            {say("safety_same")}
          </button>
        </div>
      )}
    </>
  );
}
