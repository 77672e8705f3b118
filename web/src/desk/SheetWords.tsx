/** The words of the recovery sheet, typed from paper, and the new passphrase that they allow. */

import { type Chosen, Passphrases } from "./Passphrases.tsx";
import { useDeskSpeech } from "./speech.ts";

interface Props {
  readonly words: string;
  readonly setWords: (words: string) => void;
  readonly chosen: Chosen;
  readonly choose: (chosen: Chosen) => void;
}

export function SheetWords({ words, setWords, chosen, choose }: Props) {
  const { say } = useDeskSpeech();
  return (
    <>
      <label for="words24">{say("sheetWords")}</label>
      <textarea
        id="words24"
        rows={4}
        value={words}
        autoComplete="off"
        spellcheck={false}
        aria-describedby="error"
        onInput={({ currentTarget }) => setWords(currentTarget.value)}
      />
      <Passphrases chosen={chosen} choose={choose} label="newPassphrase" about="error" />
    </>
  );
}

/** As the desk wants them: one space between two. */
export function spaced(words: string): string {
  return words.trim().replace(/\s+/g, " ");
}
