/** The desk's page: one scene for each standing of the desk. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { forgetDrafts } from "../ui/Composer.tsx";
import { Spoken } from "../ui/speech.ts";
import { Viewing } from "../ui/viewing.ts";
import { browserLanguage, type Language } from "../ui/words.ts";
import { Refused, get } from "./api.ts";
import { Changes } from "./changes.ts";
import { Desk } from "./Desk.tsx";
import { DeskEnd } from "./end.ts";
import { First } from "./First.tsx";
import { notify } from "./notify.ts";
import { PDF_VIEWER } from "./Pdf.tsx";
import { PaperSheet } from "./PaperSheet.tsx";
import type { DeskState, Sheet } from "./shapes.ts";
import { sayAtDesk } from "./speech.ts";
import { Unlock } from "./Unlock.tsx";

type Scene = DeskState | { readonly standing: "loading" | "unreached" | "stranger" };

export function App() {
  const [language, setLanguage] = useState<Language>(browserLanguage);
  const [scene, setScene] = useState<Scene>({ standing: "loading" });
  const [failed, setFailed] = useState(false);
  const [came, setCame] = useState(false);
  const [sheet, setSheet] = useState<Sheet>();
  const [founding, found] = useState(false);
  const changes = useMemo(() => new Changes(), []);
  const end = useMemo(() => new DeskEnd(changes), []);
  const say = sayAtDesk(language);
  const asked = useRef(0);
  const look = async (): Promise<void> => {
    // What was asked last is what holds: an answer from before the desk was locked never opens the page again.
    const own = ++asked.current;
    try {
      const found = await get<DeskState>("/api/state");
      if (own !== asked.current) return;
      if (found.standing === "open") setFailed(false);
      if (found.standing === "closed") forgetDrafts();
      if (found.standing !== "locked") setCame(false);
      setScene(found);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (own === asked.current) setScene({ standing: error.code === "stranger" ? "stranger" : "unreached" });
    }
  };
  useEffect(() => {
    const stop = changes.listen((news) => {
      if (news.kind === "failed") setFailed(true);
      if (news.kind === "came") {
        setCame(true);
        notify(sayAtDesk(document.documentElement.lang === "en" ? "en" : "fr")("notification"));
      } else if (news.kind !== "changed") void look();
    });
    changes.start();
    return () => {
      stop();
      changes.stop();
    };
  }, []);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  useEffect(() => {
    if (scene.standing !== "open") document.title = came ? `(•) ${say("title")}` : say("title");
  }, [scene.standing, came]);
  const other = language === "fr" ? "en" : "fr";
  const toOther = (
    <button type="button" class="quiet language" lang={other} onClick={() => setLanguage(other)}>
      {say("other")}
    </button>
  );
  const { standing } = scene;
  return (
    <Spoken.Provider value={{ language, say, zone: undefined }}>
      <Viewing.Provider value={PDF_VIEWER}>
        {standing === "open" && sheet === undefined && !founding ? (
          <Desk end={end} state={scene as DeskState} turn={toOther} look={() => void look()} />
        ) : (
          <div class="page" data-scene={standing}>
            {toOther}
            <main class="opening">
              {standing === "loading" && <p class="notice">{say("loading")}</p>}
              {(standing === "unreached" || standing === "stranger") && (
                <section class="trouble" role="alert">
                  <h1>{say(`${standing}Title`)}</h1>
                  <p>{say(standing)}</p>
                </section>
              )}
              {sheet !== undefined && <PaperSheet isFirst sheet={sheet} done={() => setSheet(undefined)} />}
              {sheet === undefined && (standing === "new" || founding) && <First made={setSheet} founding={found} />}
              {sheet === undefined && (standing === "closed" || standing === "locked") && (
                <Unlock key={standing} state={scene as DeskState} failed={failed} came={came} />
              )}
            </main>
          </div>
        )}
      </Viewing.Provider>
    </Spoken.Provider>
  );
}
