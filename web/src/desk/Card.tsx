/** The public link, the same for everybody. */

import { useState } from "preact/hooks";

import { post } from "./api.ts";
import { Copied, Qr } from "./Invited.tsx";
import { Problem, useDoing } from "./parts.tsx";
import { useDeskSpeech } from "./speech.ts";

export function Card() {
  const { say } = useDeskSpeech();
  const doing = useDoing();
  const [card, setCard] = useState<{ readonly link: string; readonly qr: string; readonly ready: boolean }>();
  return (
    <>
      <h2>{say("cardTitle")}</h2>
      <p>{say("cardMore")}</p>
      <Problem of={doing} />
      {card === undefined ? (
        <button type="button" class="secondary" disabled={doing.busy} onClick={() => void doing.run(async () => setCard(await post("/api/card")))}>
          {say("cardShow")}
        </button>
      ) : (
        <>
          {!card.ready && <p class="banner">{say("linkNotReady")}</p>}
          <Copied id="card" label={say("link")} text={card.link} rows={3} />
          <Qr svg={card.qr} />
        </>
      )}
    </>
  );
}
