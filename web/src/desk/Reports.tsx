/** The reports of a conversation: found by words, looked at, corrected by a new one. */

import { useEffect, useState } from "preact/hooks";

import { get, post } from "./api.ts";
import { Problem, useDoing } from "./parts.tsx";
import type { KeptReport } from "./reporting.ts";
import { SearchBox } from "./search.tsx";
import { useDeskSpeech } from "./speech.ts";

interface Props {
  readonly conversation: string;
  readonly version: number;
  readonly write: (corrected?: KeptReport) => void;
}

export function Reports({ conversation, version, write }: Props) {
  const { say, language } = useDeskSpeech();
  const doing = useDoing();
  const [words, setWords] = useState("");
  const [all, setAll] = useState<readonly KeptReport[]>();
  useEffect(() => {
    let over = false;
    const query = new URLSearchParams({ q: words });
    void get<KeptReport[]>(`/api/conversations/${conversation}/reports?${query}`).then(
      (found) => over || setAll(found),
      () => undefined,
    );
    return () => {
      over = true;
    };
  }, [conversation, words, version]);
  const day = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" });
  return (
    <section class="drawer" aria-label={say("reports")}>
      <button type="button" onClick={() => write()}>
        {say("report_write")}
      </button>
      <SearchBox id="reports" label={say("reports_search")} words={words} set={setWords} />
      <p role="status" class="stated">
        {all?.length === 0 && say("reports_none")}
      </p>
      <ul class="cards">
        {all?.map((one) => (
          <li key={one.id}>
            <strong>{day.format(one.report.began)}</strong>{" "}
            <span class="stated">
              {[one.report.patient.name, one.corrects && say("report_corrects", { id: one.corrects.slice(0, 8) }), one.id.slice(0, 8)]
                .filter(Boolean)
                .join(" · ")}
            </span>
            <p>
              <a class="button secondary" href={`/api/reports/${one.id}`} download={one.name}>
                {say("download")} <span class="hidden">{day.format(one.report.began)}</span>
              </a>{" "}
              <button type="button" class="quiet" onClick={() => write(one)}>
                {say("report_correct")}
              </button>
              {one.sent.some(({ state }) => state === null) && (
                <button type="button" class="secondary" onClick={() => void doing.run(() => post(`/api/reports/${one.id}/send`))}>
                  {say("report_sendNow")}
                </button>
              )}
            </p>
          </li>
        ))}
      </ul>
      <Problem of={doing} />
    </section>
  );
}
