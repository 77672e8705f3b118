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
  /** An entry to be shown with what stands around it, instead of the newest; `newest` goes back to those. */
  readonly around?: string | undefined;
  readonly newest?: () => void;
}

export function Talk({ end, conversation, version, agree, around, newest }: Props) {
  const speech = useSpeech();
  const { say } = speech;
  const [limit, setLimit] = useState(AT_ONCE);
  const [entries, setEntries] = useState<readonly Entry[]>([]);
  const [error, setError] = useState<EndError>();
  const box = useRef<HTMLElement>(null);
  const isAtEnd = useRef(true);
  const asked = useRef("");
  const last = entries.at(-1);
  const lastOfMine = entries.filter((entry) => entry.author === null && entry.kind !== "notice").at(-1)?.id;
  const fail = (problem: unknown): void => {
    if (!(problem instanceof EndError)) throw problem;
    setError(problem);
  };
  useEffect(() => {
    const place = `${conversation.id} ${around ?? ""}`;
    asked.current = place;
    const shown = around === undefined ? { limit } : { limit, around };
    const show = (found: readonly Entry[]): void => void (asked.current === place && setEntries(found));
    end.history(conversation.id, shown).then(show).catch(fail);
    if (document.visibilityState === "visible") end.read(conversation.id).catch(fail);
  }, [end, conversation.id, version, limit, around]);
  const down = (): void => {
    if (isAtEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  };
  // The newest stays in sight, also when a picture is drawn, a keyboard comes up or a telephone is turned; but whoever reads
  // further up is left there.
  useLayoutEffect(down, [last?.id]);
  useLayoutEffect(() => {
    isAtEnd.current = around === undefined;
    down();
  }, [conversation.id, lastOfMine, around]);
  const isThere = around !== undefined && entries.some(({ id }) => id === around);
  useLayoutEffect(() => {
    if (isThere) box.current?.querySelector(".sought")?.scrollIntoView({ block: "center" });
  }, [around, isThere]);
  useEffect(() => {
    const section = box.current;
    const loaded = ({ target }: Event): void => void (target instanceof HTMLImageElement && down());
    addEventListener("resize", down);
    section?.addEventListener("load", loaded, true);
    return () => {
      removeEventListener("resize", down);
      section?.removeEventListener("load", loaded, true);
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
            <Line end={end} conversation={conversation} entry={entry} fail={fail} isSought={entry.id === around} />
          </Fragment>
        ))}
      </section>
      <footer>
        {around !== undefined && (
          <button type="button" class="quiet" onClick={newest}>
            {say("newest")}
          </button>
        )}
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
          {error && (error.said?.[speech.language] ?? say(`error_${error.why}`))}
        </p>
        {open && <Composer end={end} conversation={conversation} fail={fail} />}
      </footer>
    </>
  );
}
