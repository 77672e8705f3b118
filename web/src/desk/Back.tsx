/** The way back to the inbox, where only one side of the desk is seen; it says what is new there. */

import { createContext } from "preact";
import { useContext } from "preact/hooks";

import { unreadWords, useDeskSpeech } from "./speech.ts";
import type { Go } from "./views.ts";

/** How many messages are unread. */
export const Unread = createContext(0);

export function Back({ go }: { readonly go: Go }) {
  const { say } = useDeskSpeech();
  const unread = useContext(Unread);
  return (
    <button type="button" class="quiet back" onClick={() => go({ is: "inbox" })}>
      {say("back")}
      {unread > 0 && ` · ${unreadWords(unread, say)}`}
    </button>
  );
}
