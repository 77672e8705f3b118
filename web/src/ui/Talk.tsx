/** A conversation: its entries by day, what stands in its way, and where one writes. */

import { Fragment } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { EndError, type Conversation, type End, type Entry } from "../end.ts";
import { Composer } from "./Composer.tsx";
import { Line } from "./Line.tsx";
import { useSpeech } from "./speech.ts";
import { dayName, dayOf } from "./time.ts";

const AT_ONCE = 60;
const NEAR_END_PX = 80;

interface Props {
  readonly end: End;
  readonly conversation: Conversation;
  /** Raised whenever something may have changed. */
  readonly version: number;
  readonly agree?: (conversation: string) => void;
}

export function Talk({ end, conversation, version, agree }: Props) {
  const speech = useSpeech();
  const { say } = speech;
  const [limit, setLimit] = useState(AT_ONCE);
  const [entries, setEntries] = useState<readonly Entry[]>([]);
  const [error, setError] = useState<EndError["why"]>();
  const box = useRef<HTMLElement>(null);
  const isAtEnd = useRef(true);
  const last = entries.at(-1);
  const lastOfMine = entries.filter((entry) => entry.author === null && entry.kind !== "notice").at(-1)?.id;
  const fail = (problem: unknown): void => {
    if (!(problem instanceof EndError)) throw problem;
    setError(problem.why);
  };
  useEffect(() => {
    void end.history(conversation.id, { limit }).then(setEntries);
    if (document.visibilityState === "visible") void end.read(conversation.id).catch(fail);
  }, [end, conversation.id, version, limit]);
  const down = (): void => {
    if (isAtEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  };
  // The newest stays in sight, also when a picture is drawn, a keyboard comes up or a telephone is turned; but whoever reads
  // further up is left there.
  useLayoutEffect(down, [last?.id]);
  useLayoutEffect(() => {
    isAtEnd.current = true;
    down();
  }, [conversation.id, lastOfMine]);
  useEffect(() => {
    const section = box.current;
    addEventListener("resize", down);
    section?.addEventListener("load", down, true);
    return () => {
      removeEventListener("resize", down);
      section?.removeEventListener("load", down, true);
    };
  }, []);
  const scrolled = ({ currentTarget: { scrollHeight, scrollTop, clientHeight } }: { readonly currentTarget: HTMLElement }): void => {
    isAtEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  };
  // Something of mine went through since: what was wrong before is over.
  useEffect(() => setError(undefined), [lastOfMine]);
  const open = conversation.phase === "open" || conversation.phase === "waiting" || conversation.phase === "lost";
  const isUsed = last?.notice?.what === "link-used";
  const now = Date.now();
  return (
    <>
      <section class="entries" role="log" tabIndex={0} aria-label={say("messages")} ref={box} onScroll={scrolled}>
        {entries.length >= limit && (
          <button type="button" class="quiet" onClick={() => setLimit(limit + AT_ONCE)}>
            {say("earlier")}
          </button>
        )}
        {entries.map((entry, at) => (
          <Fragment key={entry.id}>
            {dayOf(speech, entry.cameAt) !== dayOf(speech, entries[at - 1]?.cameAt ?? 0) && (
              <h2 class="day">{dayName(speech, entry.cameAt, now)}</h2>
            )}
            <Line end={end} conversation={conversation} entry={entry} fail={fail} />
          </Fragment>
        ))}
      </section>
      <footer>
        {conversation.phase === "waiting" && <p class="banner">{say("waiting")}</p>}
        {conversation.phase === "lost" && <p class="banner">{say("lost")}</p>}
        {(conversation.phase === "removed" || conversation.phase === "left") && <p class="banner">{say(isUsed ? "overHere" : "removed")}</p>}
        {conversation.phase === "returning" && (
          <p class="banner">
            {say("returning")}{" "}
            <button type="button" onClick={() => agree?.(conversation.id)}>
              {say("agree")}
            </button>
          </p>
        )}
        <p class="error" role="alert">
          {error && say(`error_${error}`)}
        </p>
        {open && <Composer end={end} conversation={conversation} fail={fail} />}
      </footer>
    </>
  );
}
