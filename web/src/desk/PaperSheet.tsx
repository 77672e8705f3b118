/** The recovery sheet: 24 words to be printed, and kept away from the computer. */

import { useState } from "preact/hooks";

import { Heading } from "./parts.tsx";
import type { Sheet } from "./shapes.ts";
import { useDeskSpeech } from "./speech.ts";

interface Props {
  readonly sheet: Sheet;
  readonly done: () => void;
  /** At the first start nothing goes on before the sheet is said to be kept. */
  readonly isFirst?: boolean;
}

export function PaperSheet({ sheet, done, isFirst }: Props) {
  const { say, language } = useDeskSpeech();
  const [kept, keep] = useState(false);
  return (
    <section class="paper">
      <Heading>{say("sheetTitle")}</Heading>
      <p>{say("sheetMore")}</p>
      <ol class="words24" translate={false}>
        {sheet.words[language].map((word, at) => (
          <li key={at}>{word}</li>
        ))}
      </ol>
      <div class="actions unprinted">
        <button type="button" class="secondary" onClick={() => globalThis.print()}>
          {say("print")}
        </button>
        {isFirst && (
          <label class="check">
            <input type="checkbox" checked={kept} onChange={({ currentTarget }) => keep(currentTarget.checked)} />
            {say("sheetKept")}
          </label>
        )}
        <button type="button" disabled={isFirst && !kept} onClick={done}>
          {say(isFirst ? "sheetDone" : "close")}
        </button>
      </div>
    </section>
  );
}
