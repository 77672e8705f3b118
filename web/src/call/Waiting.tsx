/** Whether the practice is there, and its last word, for whoever waits. */

import { useEffect, useState } from "preact/hooks";

import { useSpeech } from "../ui/speech.ts";
import { There } from "../wire/content/call/presence.ts";
import type { CallEnd } from "./end.ts";
import { EMPTY, heard, tick, type Room } from "./waiting.ts";

const TICK_MS = 2_000;

interface Props {
  readonly end: CallEnd;
  readonly conversation: string;
  readonly host: string;
}

export function Waiting({ end, conversation, host }: Props) {
  const { say } = useSpeech();
  const [room, setRoom] = useState<Room>(EMPTY);
  useEffect(() => {
    let current = EMPTY;
    const look = (): void => {
      const [after, told] = tick(current, document.visibilityState === "visible", Date.now());
      current = after;
      setRoom(after);
      if (told !== null) void end.signal(conversation, { is: "presence", there: told }, host).catch(() => undefined);
    };
    const stop = end.hear((piece) => {
      if (piece.conversation !== conversation) return;
      current = heard(current, piece.author === host, piece.signal, Date.now());
      look();
    });
    const timer = setInterval(look, TICK_MS);
    document.addEventListener("visibilitychange", look);
    return () => {
      stop();
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [end, conversation, host]);
  if (room.there === null) return null;
  const { word } = room;
  return (
    <p class="banner" role="status" data-there={room.there}>
      {say(room.there === There.here ? "wait_here" : room.there === There.withSomeone ? "wait_withSomeone" : "wait_away")}
      {word && word.minutes > 0 && ` ${say("wait_minutes", { count: word.minutes })}`}
      {word && word.text !== "" && ` « ${word.text} »`}
    </p>
  );
}
