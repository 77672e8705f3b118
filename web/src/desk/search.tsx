/** Searching while one types: what was asked last is what is shown. */

import { useEffect, useState } from "preact/hooks";

import type { DeskEnd } from "./end.ts";
import type { Found } from "./shapes.ts";
import { useDeskSpeech, type DeskSay } from "./speech.ts";

const PAUSE_MS = 25;

/** What has all these words; undefined where nothing is asked. */
export function useFound(end: DeskEnd, words: string, conversation?: string): Found | undefined {
  const [found, setFound] = useState<Found>();
  useEffect(() => {
    if (words.trim() === "") return setFound(undefined);
    let over = false;
    const timer = setTimeout(() => {
      // Locked meanwhile, or not there: the page shows that instead.
      end.search(words, conversation).then((now) => over || setFound(now), () => undefined);
    }, PAUSE_MS);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [end, words, conversation]);
  return found;
}

/** The most messages that are found at once. */
const MOST = 50;

/** How much was found, in words. */
export function foundWords({ conversations, messages }: Found, say: DeskSay): string {
  if (messages.length >= MOST) return say("searchMost", { count: messages.length });
  const count = conversations.length + messages.length;
  return count === 0 ? say("searchNone") : say("searchCount", { count });
}

interface Props {
  readonly id: string;
  readonly label: string;
  readonly words: string;
  readonly set: (words: string) => void;
}

export function SearchBox({ id, label, words, set }: Props) {
  const { say } = useDeskSpeech();
  return (
    <form class="search" role="search" aria-label={label} onSubmit={(event) => event.preventDefault()}>
      <label for={id}>{label}</label>
      <div class="beside">
        <input id={id} type="search" autoComplete="off" value={words} maxLength={200} onInput={({ currentTarget }) => set(currentTarget.value)} />
        {words !== "" && (
          <button type="button" class="quiet" onClick={() => set("")}>
            {say("searchEnd")}
          </button>
        )}
      </div>
    </form>
  );
}
