/** Where one writes: words, a file, a photograph. */

import { useRef, useState } from "preact/hooks";

import type { Conversation, End } from "../end.ts";
import { useSpeech } from "./speech.ts";

interface Props {
  readonly end: End;
  readonly conversation: Conversation;
  readonly fail: (error: unknown) => void;
}

/** What was begun, by conversation: another one may be looked at meanwhile. In memory only. */
const drafts = new Map<string, string>();
export const forgetDrafts = (): void => drafts.clear();

export function Composer({ end, conversation, fail }: Props) {
  const { say } = useSpeech();
  const [words, write] = useState(drafts.get(conversation.id) ?? "");
  const setWords = (text: string): void => {
    drafts.set(conversation.id, text);
    write(text);
  };
  const field = useRef<HTMLTextAreaElement>(null);
  const isSending = useRef(false);
  const send = (event: Event): void => {
    event.preventDefault();
    // Tapped twice, it is sent once.
    if (isSending.current) return;
    isSending.current = true;
    end
      .send(conversation.id, words)
      .then(() => {
        setWords("");
        field.current?.focus();
      })
      .catch(fail)
      .finally(() => {
        isSending.current = false;
      });
  };
  const attach = async ({ currentTarget }: { readonly currentTarget: HTMLInputElement }): Promise<void> => {
    try {
      for (const file of [...(currentTarget.files ?? [])]) await end.attach(conversation.id, file);
    } catch (error) {
      fail(error);
    }
    currentTarget.value = "";
  };
  const keyed = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send(event);
  };
  return (
    <form class="composer" onSubmit={send}>
      <label class="stated" for="words">
        {say("writeTo", { name: conversation.name })}
      </label>
      {/* Off: browsers write down what stands in a field, to bring it back after a crash. */}
      <textarea
        id="words"
        autoComplete="off"
        ref={field}
        rows={2}
        value={words}
        onInput={({ currentTarget }) => setWords(currentTarget.value)}
        onKeyDown={keyed}
      />
      <div class="buttons">
        <label class="button secondary">
          {say("attach")}
          <input type="file" class="hidden" multiple onChange={attach} />
        </label>
        <label class="button secondary touch">
          {say("photo")}
          <input type="file" class="hidden" accept="image/*" capture="environment" onChange={attach} />
        </label>
        <button type="submit">{say("send")}</button>
      </div>
    </form>
  );
}
