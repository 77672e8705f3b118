/** Who came over the public card and waits: nothing is answered before somebody here says yes. */

import { momentOf } from "../ui/time.ts";
import { Asking } from "../ui/Asking.tsx";
import { post } from "./api.ts";
import { Back } from "./Back.tsx";
import { Heading, Problem, useDoing } from "./parts.tsx";
import type { Newcomer } from "./shapes.ts";
import { useDeskSpeech } from "./speech.ts";
import type { Go } from "./views.ts";

export function Newcomers({ all, go }: { readonly all: readonly Newcomer[]; readonly go: Go }) {
  const speech = useDeskSpeech();
  const { say } = speech;
  const doing = useDoing();
  const [waiting, blocked] = [all.filter((one) => !one.blocked), all.filter((one) => one.blocked)];
  const admit = (key: string): void =>
    void doing.run(async () => {
      const { conversation } = await post<{ conversation: string }>(`/api/newcomers/${key}/admit`);
      go({ is: "talk", id: conversation });
    });
  const answer = (path: string, body?: unknown) => (): void => void doing.run(() => post(`/api/newcomers/${path}`, body));
  return (
    <section class="panel">
      <Back go={go} />
      <Heading>{say("newcomersTitle")}</Heading>
      <p>{say(waiting.length === 0 ? "newcomersNone" : "newcomersMore")}</p>
      <Problem of={doing} />
      <ul class="cards">
        {waiting.map((one) => (
          <li key={one.key}>
            <h2>{one.name}</h2>
            <p class="stated">{[one.profession, one.rpps && `RPPS ${one.rpps}`, say("stated")].filter(Boolean).join(" · ")}</p>
            <p class="stated">{say("cameOn", { when: momentOf(speech, one.cameAt, Date.now()) })}</p>
            {one.looksKnown && <p class="late">{say("looksKnown")}</p>}
            {one.words && <p class="words">{one.words}</p>}
            <div class="actions">
              <button type="button" onClick={() => admit(one.key)}>
                {say("admit")} <span class="hidden">{one.name}</span>
              </button>
              <button type="button" class="secondary" onClick={answer(`${one.key}/dismiss`)}>
                {say("dismiss")} <span class="hidden">{one.name}</span>
              </button>
              <Asking label={say("block")} ask={say("blockAsk", { name: one.name })} act={answer(`${one.key}/blocked`, { blocked: true })} />
            </div>
          </li>
        ))}
      </ul>
      {blocked.length > 0 && <h2>{say("blockedOnes")}</h2>}
      <ul class="cards">
        {blocked.map((one) => (
          <li key={one.key} class="beside">
            <span>{one.name}</span>
            <button type="button" class="secondary" onClick={answer(`${one.key}/blocked`, { blocked: false })}>
              {say("unblock")} <span class="hidden">{one.name}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
