/** What was not delivered in time, or was refused, until somebody has dealt with it. */

import { shownName } from "../ui/shown.ts";
import { momentOf } from "../ui/time.ts";
import { post } from "./api.ts";
import { Back } from "./Back.tsx";
import type { Known } from "./Desk.tsx";
import { Heading, Problem, useDoing } from "./parts.tsx";
import { useDeskSpeech } from "./speech.ts";
import type { Go } from "./views.ts";

export function Alarms({ known, go, changed }: { readonly known: Known; readonly go: Go; readonly changed: () => void }) {
  const speech = useDeskSpeech();
  const doing = useDoing();
  const { say } = speech;
  const nameOf = (conversation: string): string => known.conversations.find(({ id }) => id === conversation)?.name ?? "";
  return (
    <section class="panel">
      <Back go={go} />
      <Heading>{say("alarmsTitle")}</Heading>
      <p>{say(known.alarms.length === 0 ? "alarmsNone" : "alarmsMore")}</p>
      <Problem of={doing} />
      <ul class="cards">
        {known.alarms.map((entry) => (
          <li key={entry.id}>
            <h2>{say("alarmTo", { name: nameOf(entry.conversation), when: momentOf(speech, entry.sentAt, Date.now()) })}</h2>
            <p class="late">{say(entry.state === "failed" ? "alarmFailed" : "alarmLate")}</p>
            <p class="words">{entry.document ? shownName(entry.document.name) : entry.text}</p>
            <div class="actions">
              <button type="button" onClick={() => void doing.run(() => post(`/api/alarms/${entry.id}/done`)).then(changed)}>
                {say("dealtWith")} <span class="hidden">{nameOf(entry.conversation)}</span>
              </button>
              <button type="button" class="secondary" onClick={() => go({ is: "talk", id: entry.conversation, around: entry.id })}>
                {say("openIt")}
              </button>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
