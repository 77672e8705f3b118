/** What whoever waits is told of the practice: here, with someone, away; or nothing. */

import { post } from "./api.ts";
import { CHOICES, type Room } from "./room.ts";
import { useDeskSpeech } from "./speech.ts";

export function Presence({ room }: { readonly room: Room }) {
  const { say } = useDeskSpeech();
  return (
    <label class="presence">
      <span>{say("room_me")}</span>
      <select
        value={room.there}
        onChange={({ currentTarget }) => {
          // Locked, or gone: the page is told on its other line.
          void post("/api/room", { there: Number(currentTarget.value) }).catch(() => undefined);
        }}
      >
        {CHOICES.map(([there, word]) => (
          <option key={there} value={there}>
            {say(word)}
          </option>
        ))}
      </select>
    </label>
  );
}
