/** Who is in a conversation, stated or verified; and what the practitioner can do about it. */

import { useState } from "preact/hooks";

import { Asking } from "../ui/Asking.tsx";
import { ask, post } from "./api.ts";
import { calledHere } from "./called.ts";
import { ChoosePeople, pairsOf } from "./ChoosePeople.tsx";
import type { Known } from "./Desk.tsx";
import { Problem, useDoing } from "./parts.tsx";
import { Safety } from "./Safety.tsx";
import type { DeskConversation, DeskPerson } from "./shapes.ts";
import { useDeskSpeech } from "./speech.ts";

interface Props {
  readonly conversation: DeskConversation;
  readonly known: Known;
  readonly close: () => void;
}

export function People({ conversation, known, close }: Props) {
  const { say } = useDeskSpeech();
  const doing = useDoing();
  const { id, people, pair, mine, host, secondHost, phase } = conversation;
  const path = `/api/conversations/${id}`;
  const [person] = people;
  const called = (one: DeskPerson): string => calledHere(known.conversations, one);
  const isOver = phase === "left" || phase === "removed";
  const about = (one: DeskPerson): string =>
    [
      !pair && called(one) && say("called", { name: called(one) }),
      one.profession,
      one.rpps && `RPPS ${one.rpps}`,
      say(one.verified ? "verified" : "stated"),
      one.blocked && say("blocked"),
      !one.here && !isOver && say("notHere"),
      !pair && one.key === host && say("leads"),
      !pair && one.key === secondHost && say("leadsNext"),
    ]
      .filter(Boolean)
      .join(" · ");
  return (
    <section class="drawer" aria-label={say("people")}>
      <ul class="cards">
        {people.map((one) => (
          <li key={one.key}>
            <strong>{one.name}</strong> <span class="stated">{about(one)}</span>
            {!pair && mine && !isOver && one.here && one.key !== secondHost && (
              <Asking
                kind="quiet"
                label={say("secondHost")}
                ask={say("secondHostAsk", { name: one.name })}
                act={() => void doing.run(() => post(`${path}/second-host`, { key: one.key }))}
              />
            )}
            {!pair && mine && !isOver && (
              <Asking
                kind="quiet"
                label={say("takeOut")}
                ask={say("takeOutAsk", { name: one.name })}
                act={() => void doing.run(() => ask("DELETE", `${path}/people/${one.key}`))}
              />
            )}
          </li>
        ))}
      </ul>
      {!pair && !mine && !isOver && !people.some(({ key }) => key === secondHost) && secondHost !== null && (
        <p>
          <span class="stated">{say("mayTakeOver")}</span>{" "}
          <Asking label={say("takeOver")} ask={say("takeOverAsk")} act={() => void doing.run(() => post(`${path}/take-over`))} />
        </p>
      )}
      <Problem of={doing} />
      {pair && person && (
        <>
          <Safety conversation={id} person={person} />
          {person.blocked ? (
            <button type="button" class="secondary" onClick={() => void doing.run(() => post(`${path}/blocked`, { blocked: false }))}>
              {say("unblock")}
            </button>
          ) : (
            <Asking
              label={say("block")}
              ask={say("blockAsk", { name: person.name })}
              act={() => void doing.run(() => post(`${path}/blocked`, { blocked: true }))}
            />
          )}{" "}
        </>
      )}
      {!pair && mine && !isOver && <Adding path={path} conversation={conversation} known={known} />}
      {!isOver && (
        <Asking label={say("leave")} ask={say("leaveAsk")} act={() => void doing.run(() => post(`${path}/leave`))} />
      )}{" "}
      <button type="button" class="quiet" onClick={close}>
        {say("close")}
      </button>
    </section>
  );
}

function Adding({ path, conversation, known }: { readonly path: string } & Omit<Props, "close">) {
  const { say } = useDeskSpeech();
  const doing = useDoing();
  const [chosen, choose] = useState<readonly string[]>([]);
  const there = conversation.people.map(({ key }) => key);
  const pairs = pairsOf(known.conversations).filter(({ people }) => !there.includes(people[0]?.key ?? ""));
  if (pairs.length === 0) return null;
  const add = (): void => {
    if (chosen.length === 0) return doing.tell("needsPeople");
    void doing.run(() => post(`${path}/people`, { people: chosen })).then((done) => done && choose([]));
  };
  return (
    <details>
      <summary>{say("addPeople")}</summary>
      <p>{say("addMore")}</p>
      <ChoosePeople pairs={pairs} chosen={chosen} choose={choose} />
      <Problem of={doing} />
      <button type="button" onClick={add}>
        {say("add")}
      </button>
    </details>
  );
}
