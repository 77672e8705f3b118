/** A PDF in the page, by the browser's own viewer: it runs apart from this page, and no other server is asked. */

import { useEffect, useRef, useState } from "preact/hooks";

import { shownName } from "../ui/shown.ts";
import type { Viewed, Viewer } from "../ui/viewing.ts";
import { useDeskSpeech } from "./speech.ts";

/** Whatever is larger is saved instead: what is shown lies in memory whole. */
const SHOWN_BYTES = 64 << 20;
const HEAD_BYTES = 1_024;

function Pdf({ end, entry, document, fail }: Viewed) {
  const { say } = useDeskSpeech();
  const [url, setUrl] = useState<string>();
  const [isOther, setOther] = useState(false);
  const frame = useRef<HTMLIFrameElement>(null);
  useEffect(() => void (url !== undefined && frame.current?.scrollIntoView({ block: "start" })), [url]);
  useEffect(() => () => void (url !== undefined && URL.revokeObjectURL(url)), [url]);
  if (!navigator.pdfViewerEnabled || document.size > SHOWN_BYTES) return null;
  const show = async (): Promise<void> => {
    const blob = await end.document(entry.conversation, entry.id);
    const head = new TextDecoder("latin1").decode(await blob.slice(0, HEAD_BYTES).arrayBuffer());
    if (!head.includes("%PDF-")) return setOther(true);
    // The type is set here: whatever the sender calls it, it is never a page with scripts.
    setUrl(URL.createObjectURL(new Blob([blob], { type: "application/pdf" })));
  };
  if (isOther) return <p class="late">{say("notPdf")}</p>;
  return (
    <>
      {url !== undefined && <iframe class="pdf" ref={frame} src={`${url}#navpanes=0&view=FitH`} title={shownName(document.name)} />}
      <button
        type="button"
        class="secondary"
        aria-expanded={url !== undefined}
        onClick={() => (url === undefined ? void show().catch(fail) : setUrl(undefined))}
      >
        {say(url === undefined ? "seePdf" : "hidePdf")} <span class="hidden">{shownName(document.name)}</span>
      </button>{" "}
    </>
  );
}

export const PDF_VIEWER: Viewer = { mediaTypes: ["application/pdf"], View: Pdf };
