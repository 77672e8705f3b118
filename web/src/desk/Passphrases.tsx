/** A new passphrase, typed twice: unseen, unless one wants to see it. */

import { useState } from "preact/hooks";

import { Field } from "./parts.tsx";
import { useDeskSpeech, type DeskWord } from "./speech.ts";

/** The fewest characters that the desk takes. */
const FEWEST = 10;

export interface Chosen {
  readonly first: string;
  readonly second: string;
}

/** What is wrong with it, or undefined. */
export const wrongWith = ({ first, second }: Chosen): DeskWord | undefined =>
  [...first].length < FEWEST ? "passShort" : first === second ? undefined : "passOther";

interface Props {
  readonly chosen: Chosen;
  readonly choose: (chosen: Chosen) => void;
  readonly label: "passphrase" | "newPassphrase";
  readonly about: string;
}

export function Passphrases({ chosen, choose, label, about }: Props) {
  const { say } = useDeskSpeech();
  const [seen, see] = useState(false);
  const type = seen ? "text" : "password";
  return (
    <>
      <Field id="new" label={say(label)} type={type} value={chosen.first} set={(first) => choose({ ...chosen, first })} about={about} />
      <Field id="again" label={say("passAgain")} type={type} value={chosen.second} set={(second) => choose({ ...chosen, second })} about={about} />
      <label class="check">
        <input type="checkbox" checked={seen} onChange={({ currentTarget }) => see(currentTarget.checked)} />
        {say("show")}
      </label>
    </>
  );
}
