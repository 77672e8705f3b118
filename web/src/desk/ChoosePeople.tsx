/** Choosing among those with whom there is a conversation already. */

import { useState } from "preact/hooks";

import { SearchBox } from "./search.tsx";
import type { DeskConversation } from "./shapes.ts";
import { useDeskSpeech } from "./speech.ts";

/** With so many, one types a name. */
const MANY = 12;

export const pairsOf = (all: readonly DeskConversation[]): DeskConversation[] =>
  all.filter(({ pair, phase, people }) => pair && phase === "open" && people[0] !== undefined && !people[0].blocked);

interface Props {
  readonly pairs: readonly DeskConversation[];
  /** Ids of conversations of two. */
  readonly chosen: readonly string[];
  readonly choose: (chosen: readonly string[]) => void;
}

const plain = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

export function ChoosePeople({ pairs, chosen, choose }: Props) {
  const { say } = useDeskSpeech();
  const [words, setWords] = useState("");
  const fitting = pairs.filter(({ id, name }) => chosen.includes(id) || plain(name).includes(plain(words.trim())));
  return (
    <fieldset>
      <legend>{say("people")}</legend>
      {pairs.length > MANY && <SearchBox id="choose" label={say("searchAll")} words={words} set={setWords} />}
      {fitting.slice(0, Math.max(MANY, chosen.length)).map(({ id, name, people: [person] }) => (
        <label class="check" key={id}>
          <input
            type="checkbox"
            checked={chosen.includes(id)}
            onChange={({ currentTarget }) => choose(currentTarget.checked ? [...chosen, id] : chosen.filter((one) => one !== id))}
          />
          <span>
            {name} <small>{[person?.profession, say(person?.verified ? "verified" : "stated")].filter(Boolean).join(" · ")}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
