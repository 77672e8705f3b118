/** One invitation: its link, as text, QR code, mail and SMS. */

import { useEffect, useState } from "preact/hooks";

import { momentOf } from "../ui/time.ts";
import { Heading } from "./parts.tsx";
import type { Invitation } from "./shapes.ts";
import { useDeskSpeech } from "./speech.ts";

export function Invited({ invitation, withdraw }: { readonly invitation: Invitation; readonly withdraw: () => void }) {
  const speech = useDeskSpeech();
  const { say, language } = speech;
  const { subject, mail, sms } = invitation.letter[language];
  const mailto = `mailto:?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(mail)}`;
  return (
    <>
      <Heading>{invitation.for ? say("linkFor", { name: invitation.for }) : say("linkForSomebody")}</Heading>
      <p>{say("linkUntil", { when: momentOf(speech, invitation.until, Date.now()) })}</p>
      {!invitation.ready && <p class="banner">{say("linkNotReady")}</p>}
      <Copied id="link" label={say("link")} text={invitation.link} rows={3} />
      <Qr svg={invitation.qr} />
      <h2>{say("smsTitle")}</h2>
      <Copied id="sms" label={say("smsText")} text={sms} rows={4} />
      <h2>{say("mailTitle")}</h2>
      <Copied id="mail" label={say("mailText")} text={`${subject}\n\n${mail}`} rows={8} />
      <p>
        <a class="button secondary" href={mailto}>
          {say("mailOpen")}
        </a>
      </p>
      <p>
        <button type="button" class="danger" onClick={withdraw}>
          {say("withdraw")}
        </button>
      </p>
    </>
  );
}

interface Text {
  readonly id: string;
  readonly label: string;
  readonly text: string;
  readonly rows: number;
}

/** A text to be taken elsewhere. */
export function Copied({ id, label, text, rows }: Text) {
  const { say } = useDeskSpeech();
  const [copied, setCopied] = useState(false);
  useEffect(() => setCopied(false), [text]);
  return (
    <div class="copied">
      <label for={id}>{label}</label>
      <textarea id={id} readOnly autoComplete="off" rows={rows} value={text} onFocus={({ currentTarget }) => currentTarget.select()} />
      <button type="button" class="secondary" onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}>
        {say("copy")} <span class="hidden">{label}</span>
      </button>{" "}
      <span role="status">{copied && say("copied")}</span>
    </div>
  );
}

/** As a picture: nothing in it can run. */
export function Qr({ svg }: { readonly svg: string }) {
  const { say } = useDeskSpeech();
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [svg]);
  return url === undefined ? null : <img class="qr" src={url} alt={say("qr")} width="240" height="240" />;
}
