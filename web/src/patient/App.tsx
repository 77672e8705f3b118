/** The patient's page: one scene at a time. */

import { useEffect, useState } from "preact/hooks";

import { Spoken } from "../ui/speech.ts";
import { browserLanguage, sayIn, type Language } from "../ui/words.ts";
import { Opening } from "./Opening.tsx";
import { Talks } from "./Talks.tsx";
import type { PatientEnd } from "./end.ts";
import { Asking } from "../ui/Asking.tsx";
import { accept, begin, erase, forget, type Problem, type Scene } from "./start.ts";

const RETRY_MS = 5_000;

export function App() {
  const [language, setLanguage] = useState<Language>(browserLanguage);
  const [scene, setScene] = useState<Scene>({ is: "loading" });
  const say = sayIn(language);
  const again = (): void => void begin().then(setScene);
  const drop = (end: PatientEnd | undefined): void => void (end && forget(end).then(setScene));
  useEffect(again, []);
  useEffect(() => {
    addEventListener("hashchange", again);
    return () => removeEventListener("hashchange", again);
  }, []);
  useEffect(() => {
    if (scene.is !== "problem" || scene.what !== "unreached") return;
    const timer = setTimeout(again, RETRY_MS);
    return () => clearTimeout(timer);
  }, [scene]);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const other = language === "fr" ? "en" : "fr";
  const zone = document.querySelector<HTMLMetaElement>("meta[name=zone]")?.content || undefined;
  return (
    <Spoken.Provider value={{ language, say, zone }}>
      <div class="page" data-scene={scene.is}>
        <button type="button" class="quiet language" lang={other} onClick={() => setLanguage(other)}>
          {say("other")}
        </button>
        <main>
          {scene.is === "loading" && <p class="notice">{say("loading")}</p>}
          {scene.is === "problem" && <Trouble what={scene.what} again={again} erase={() => void erase().then(setScene)} />}
          {scene.is === "problem" && scene.end && scene.what !== "unreached" && (
            <Talks end={scene.end} open={undefined} forget={() => drop(scene.end)} />
          )}
          {scene.is === "opening" && (
            <Opening
              host={scene.host.profile}
              keeping={scene.end && (scene.end.isLasting ? "device" : "tab")}
              accept={async (name, keeping) => setScene(await accept(scene, name, keeping))}
            />
          )}
          {scene.is === "talks" && (
            <Talks end={scene.end} open={scene.open} forget={() => drop(scene.end)} />
          )}
        </main>
      </div>
    </Spoken.Provider>
  );
}

interface Troubled {
  readonly what: Problem;
  readonly again: () => void;
  readonly erase: () => void;
}

function Trouble({ what, again, erase }: Troubled) {
  return (
    <Spoken.Consumer>
      {({ say }) => (
        <section class="trouble">
          <h1>{say(`${what}Title`)}</h1>
          <p>{say(what)}</p>
          {what === "over" && <p>{say("overHere")}</p>}
          {(what === "unreached" || what === "elsewhere" || what === "broken") && (
            <button type="button" onClick={again}>
              {say("again")}
            </button>
          )}
          {what === "broken" && <Asking label={say("forget")} ask={say("forgetAsk")} act={erase} />}
        </section>
      )}
    </Spoken.Consumer>
  );
}
