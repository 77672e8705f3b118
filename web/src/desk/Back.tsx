/** The way back to the inbox, where only one side of the desk is seen. */

import { useDeskSpeech } from "./speech.ts";
import type { Go } from "./views.ts";

export function Back({ go }: { readonly go: Go }) {
  const { say } = useDeskSpeech();
  return (
    <button type="button" class="quiet back" onClick={() => go({ is: "inbox" })}>
      {say("back")}
    </button>
  );
}
