/** Invitations: a new one, those that nobody has used, the public link, and the link of a colleague. */

import { useEffect, useState } from "preact/hooks";

import { momentOf } from "../ui/time.ts";
import { ask, get, post } from "./api.ts";
import { Back } from "./Back.tsx";
import { Card } from "./Card.tsx";
import { Follow } from "./Follow.tsx";
import { Invited } from "./Invited.tsx";
import { Field, Heading, Problem, useDoing } from "./parts.tsx";
import type { Invitation, Pending } from "./shapes.ts";
import { useDeskSpeech } from "./speech.ts";
import type { Go } from "./views.ts";

const HOURS = [24, 72, 168, 720] as const;

interface Props {
  readonly id: string | undefined;
  readonly withdrawn: boolean | undefined;
  readonly version: number;
  readonly go: Go;
}

export function Inviting({ id, withdrawn, version, go }: Props) {
  const speech = useDeskSpeech();
  const { say } = speech;
  const doing = useDoing();
  const [made, setMade] = useState<Invitation>();
  const [pending, setPending] = useState<readonly Pending[]>([]);
  const [isOver, end] = useState(false);
  useEffect(() => {
    const look = async (): Promise<void> => {
      if (id === undefined) return setPending(await get<Pending[]>("/api/invitations"));
      const found = await get<Invitation | null>(`/api/invitations/${id}`);
      // Used or withdrawn meanwhile: a link that opens nothing is not shown on.
      end(found === null);
      if (found !== null) setMade(found);
    };
    // Locked meanwhile, or not there: the page shows that instead.
    look().catch(() => undefined);
  }, [id, version]);
  const withdraw = (one: string): void =>
    void doing
      .run(async () => {
        await ask("DELETE", `/api/invitations/${one}`);
        setPending((before) => before.filter((other) => other.id !== one));
      })
      .then((done) => done && go({ is: "invite", withdrawn: true }));
  if (id !== undefined) {
    return (
      <section class="panel">
        <Back go={go} />
        {isOver && <Heading>{say("linkOver")}</Heading>}
        {made && !isOver && <Invited invitation={made} withdraw={() => withdraw(made.id)} />}
        <Problem of={doing} />
        <button type="button" class="quiet unprinted" onClick={() => go({ is: "invite" })}>
          {say("another")}
        </button>
      </section>
    );
  }
  return (
    <section class="panel">
      <Back go={go} />
      <Heading>{say("inviteTitle")}</Heading>
      <p>{say("inviteMore")}</p>
      <NewLink go={go} />
      <p role="status" class={withdrawn ? "banner" : "hidden"}>
        {withdrawn && say("withdrawn")}
      </p>
      <Problem of={doing} />
      <h2>{say("pendingTitle")}</h2>
      {pending.length === 0 && <p class="stated">{say("pendingNone")}</p>}
      <ul class="cards">
        {pending.map((one) => (
          <li key={one.id} class="beside">
            <span>
              <strong>{one.for || say("somebody")}</strong>{" "}
              <span class="stated">
                {one.expired ? say("pendingOver") : say("pendingUntil", { when: momentOf(speech, one.until, Date.now()) })}
              </span>
            </span>
            <span class="actions">
              {!one.expired && (
                <button type="button" class="secondary" onClick={() => go({ is: "invite", id: one.id })}>
                  {say("seeLink")} <span class="hidden">{one.for}</span>
                </button>
              )}
              <button type="button" class="secondary" onClick={() => withdraw(one.id)}>
                {say("withdraw")} <span class="hidden">{one.for}</span>
              </button>
            </span>
          </li>
        ))}
      </ul>
      <Card />
      <Follow go={go} />
    </section>
  );
}

function NewLink({ go }: { readonly go: Go }) {
  const { say } = useDeskSpeech();
  const doing = useDoing();
  const [name, setName] = useState("");
  const [hours, setHours] = useState<number>(168);
  const submit = (event: Event): void => {
    event.preventDefault();
    void doing.run(async () => {
      const { id } = await post<Invitation>("/api/invitations", { for: name.trim(), hours });
      go({ is: "invite", id });
    });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Field id="for" label={say("inviteFor")} value={name} set={setName} about="error" />
      <label for="hours">{say("inviteHours")}</label>
      <select id="hours" value={String(hours)} onChange={({ currentTarget }) => setHours(Number(currentTarget.value))}>
        {HOURS.map((one) => (
          <option key={one} value={String(one)}>
            {say(`hours_${one}`)}
          </option>
        ))}
      </select>
      <Problem of={doing} id="error" />
      <button type="submit" disabled={doing.busy}>
        {say(doing.busy ? "makingLink" : "makeLink")}
      </button>
    </form>
  );
}
