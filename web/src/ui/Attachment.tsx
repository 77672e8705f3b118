/** A document in a conversation: a photograph is shown, anything else is saved. */

import { useContext, useEffect, useState } from "preact/hooks";

import { shownName } from "./shown.ts";
import { useSpeech } from "./speech.ts";
import { Viewing, type Viewed } from "./viewing.ts";

/** Never `image/svg+xml`: it may hold scripts. */
const SHOWN = ["image/jpeg", "image/png", "image/gif", "image/webp"];
/** How long a browser may take to begin to save. */
const SAVING_MS = 60_000;

export function Attachment({ end, entry, document, fail }: Viewed) {
  const { say, language } = useSpeech();
  const isHere = !["arriving", "damaged", "too-large"].includes(entry.state);
  const name = shownName(document.name);
  const viewer = useContext(Viewing);
  const address = end.address?.(entry.conversation, entry.id);
  const save = async (): Promise<void> => {
    // Whatever it says it is, it is not opened inside this page's origin.
    const blob = new Blob([await end.document(entry.conversation, entry.id)], { type: "application/octet-stream" });
    const url = URL.createObjectURL(blob);
    const link = Object.assign(globalThis.document.createElement("a"), { href: url, download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), SAVING_MS);
  };
  return (
    <div class="document">
      {isHere && SHOWN.includes(document.mediaType) && <Picture end={end} entry={entry} name={name} />}
      <p class="file">
        <strong>{name}</strong> <span>{sizeOf(document.size, language)}</span>
      </p>
      {document.done < 1 && <progress max="1" value={document.done} aria-label={name} />}
      {isHere && viewer?.mediaTypes.includes(document.mediaType) && <viewer.View {...{ end, entry, document, fail }} />}
      {isHere && address !== undefined && (
        <a class="button secondary" href={address} download={name}>
          {say("download")} <span class="hidden">{name}</span>
        </a>
      )}
      {isHere && address === undefined && (
        <button type="button" class="secondary" onClick={() => void save().catch(fail)}>
          {say("download")} <span class="hidden">{name}</span>
        </button>
      )}
    </div>
  );
}

/** Only what is shown is held in memory. */
function Picture({ end, entry, name }: Pick<Viewed, "end" | "entry"> & { readonly name: string }) {
  const [url, setUrl] = useState(end.address?.(entry.conversation, entry.id));
  useEffect(() => {
    if (end.address !== undefined) return;
    let made: string | undefined;
    let over = false;
    end
      .document(entry.conversation, entry.id)
      .then((blob) => {
        if (over) return;
        made = URL.createObjectURL(blob);
        setUrl(made);
      })
      .catch(() => setUrl(undefined));
    return () => {
      over = true;
      if (made !== undefined) URL.revokeObjectURL(made);
    };
  }, [end, entry.conversation, entry.id]);
  return url === undefined ? null : <img src={url} alt={name} loading="lazy" />;
}

function sizeOf(bytes: number, language: string): string {
  const [units, digits] = [language === "fr" ? ["o", "ko", "Mo"] : ["B", "kB", "MB"], bytes < 1e6 ? 0 : 1];
  const power = bytes < 1e3 ? 0 : bytes < 1e6 ? 1 : 2;
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(bytes / 1000 ** power);
  return `${number} ${units[power] ?? ""}`;
}
