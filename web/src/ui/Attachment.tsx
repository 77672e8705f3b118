/** A document in a conversation: a photograph is shown, anything else is saved or opened by the browser. */

import { useEffect, useState } from "preact/hooks";

import type { Attached, End, Entry } from "../end.ts";
import { useSpeech } from "./speech.ts";

/** Never `image/svg+xml`: it may hold scripts. */
const SHOWN = ["image/jpeg", "image/png", "image/gif", "image/webp"];

interface Props {
  readonly end: End;
  readonly entry: Entry;
  readonly document: Attached;
}

export function Attachment({ end, entry, document }: Props) {
  const { say, language } = useSpeech();
  const [url, setUrl] = useState<string>();
  const isHere = !["arriving", "damaged", "too-large"].includes(entry.state);
  const isImage = SHOWN.includes(document.mediaType);
  useEffect(() => {
    if (!isHere) return;
    let made: string | undefined;
    let over = false;
    end
      .document(entry.conversation, entry.id)
      .then((blob) => {
        if (over) return;
        // Whatever it says it is, only a picture is opened inside this page's origin.
        const safe = isImage ? blob : new Blob([blob], { type: "application/octet-stream" });
        made = URL.createObjectURL(safe);
        setUrl(made);
      })
      .catch(() => setUrl(undefined));
    return () => {
      over = true;
      if (made !== undefined) URL.revokeObjectURL(made);
    };
  }, [end, entry.conversation, entry.id, isHere, isImage]);
  return (
    <div class="document">
      {isImage && url && <img src={url} alt={document.name} />}
      <p class="file">
        <strong>{document.name}</strong> <span>{sizeOf(document.size, language)}</span>
      </p>
      {document.done < 1 && <progress max="1" value={document.done} aria-label={document.name} />}
      {url && (
        <a class="button" href={url} download={document.name}>
          {say("download")}
        </a>
      )}
    </div>
  );
}

function sizeOf(bytes: number, language: string): string {
  const [units, digits] = [language === "fr" ? ["o", "ko", "Mo"] : ["B", "kB", "MB"], bytes < 1e6 ? 0 : 1];
  const power = bytes < 1e3 ? 0 : bytes < 1e6 ? 1 : 2;
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(bytes / 1000 ** power);
  return `${number} ${units[power] ?? ""}`;
}
