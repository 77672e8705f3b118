/** Small parts of the desk's pages: a heading that takes the focus, a question asked twice, what was refused. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { EndError } from "../end.ts";
import { useDeskSpeech, type DeskWord } from "./speech.ts";

/** Whoever uses a keyboard or a screen reader is taken to what was just opened. */
export function Heading({ children }: { readonly children: ComponentChildren }) {
  const own = useRef<HTMLHeadingElement>(null);
  useEffect(() => own.current?.focus({ preventScroll: true }), []);
  return (
    <h1 tabIndex={-1} ref={own}>
      {children}
    </h1>
  );
}

interface Field {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly set: (value: string) => void;
  readonly hint?: string;
  readonly type?: "text" | "password";
  readonly inputMode?: "numeric" | "url";
  /** What a screen reader is told beside the label. */
  readonly about?: string;
}

export function Field({ id, label, value, set, hint, type = "text", inputMode, about }: Field) {
  const rest = {
    id,
    value,
    spellcheck: false,
    ...(inputMode && { inputMode }),
    "aria-describedby": [hint && `${id}-hint`, about].filter(Boolean).join(" ") || undefined,
    onInput: ({ currentTarget }: { readonly currentTarget: HTMLInputElement }): void => set(currentTarget.value),
  };
  return (
    <>
      <label for={id}>{label}</label>
      {hint && (
        <p class="stated hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {/* What browsers fill in they also keep. */}
      {type === "password" ? <input type="password" autoComplete="off" {...rest} /> : <input type="text" autoComplete="off" {...rest} />}
    </>
  );
}

export interface Doing {
  readonly busy: boolean;
  /** What went wrong last, as a sentence; empty where nothing did. */
  readonly problem: string;
  readonly tell: (problem: DeskWord | undefined) => void;
  /** Does something once at a time; whether it went well. */
  readonly run: (work: () => Promise<unknown>) => Promise<boolean>;
}

export function useDoing(): Doing {
  const { language, say } = useDeskSpeech();
  const [busy, setBusy] = useState(false);
  const [problem, tell] = useState<EndError | DeskWord>();
  const run = async (work: () => Promise<unknown>): Promise<boolean> => {
    if (busy) return false;
    setBusy(true);
    tell(undefined);
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof EndError)) throw error;
      tell(error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  const words = problem instanceof EndError ? (problem.said?.[language] ?? say(`error_${problem.why}`)) : problem && say(problem);
  return { busy, problem: sentence(words ?? ""), tell, run };
}

/** What the desk says begins small, as within a line of a command. */
const sentence = (text: string): string => (text ? text[0]!.toUpperCase() + text.slice(1) + (/[.!?…]$/.test(text) ? "" : ".") : "");

export function Problem({ of, id }: { readonly of: Doing; readonly id?: string }) {
  return (
    <p class="error" role="alert" id={id}>
      {of.problem}
    </p>
  );
}
