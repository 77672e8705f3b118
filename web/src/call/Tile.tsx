/** One person in a call: their picture, their sound, and in words how it stands with them. */

import { useEffect, useRef } from "preact/hooks";

import { useSpeech } from "../ui/speech.ts";
import type { Word } from "../ui/words.ts";
import { Media } from "../wire/content/call/agree.ts";
import type { Link } from "./model.ts";
import type { Incoming } from "./peer.ts";
import type { Quality } from "./steer.ts";

interface Props {
  readonly name: string;
  readonly link: Link;
  readonly incoming: Incoming | null;
  /** A loudspeaker that was chosen, or empty. */
  readonly speaker: string;
  readonly quality: Quality | null;
}

export function caption({ stage, heard, away }: Link): Word {
  if (stage === "refused") return "call_refused";
  if (away !== null) return `call_${away}`;
  if (stage === "gone") return "call_gone";
  if (heard === 0) return "call_waiting";
  if (stage === "connected") return "call_here";
  return stage === "broken" ? "call_broken" : "call_connecting";
}

type Sinkable = HTMLAudioElement & { setSinkId?: (id: string) => Promise<void> };

export function Tile({ name, link, incoming, speaker, quality }: Props) {
  const { say } = useSpeech();
  const video = useRef<HTMLVideoElement>(null);
  const audio = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    for (const [element, stream] of [[video.current, incoming?.picture], [audio.current, incoming?.sound]] as const) {
      if (element === null) continue;
      element.srcObject = stream ?? null;
      // A browser that wants a touch first has had one: the answer to the call.
      void element.play().catch(() => undefined);
    }
  }, [incoming]);
  useEffect(() => {
    void (audio.current as Sinkable | null)?.setSinkId?.(speaker).catch(() => undefined);
  }, [speaker]);
  const on = link.stage === "connected";
  const states: Word[] = [];
  if (on && (link.media & Media.sound) === 0) states.push("call_noSound");
  if (on && (link.media & Media.picture) === 0) states.push("call_noPicture");
  if (on && (link.media & Media.screen) !== 0) states.push("call_screen");
  return (
    <figure class="tile" data-stage={link.stage}>
      <audio ref={audio} autoPlay />
      <video ref={video} autoPlay playsInline muted aria-label={name} class={on && (link.media & Media.picture) !== 0 ? "" : "dark"} />
      <figcaption>
        {say(caption(link), { name })}
        {states.map((one) => ` · ${say(one)}`).join("")}
        {quality && ` · ${say(`call_quality_${quality}`)}`}
      </figcaption>
    </figure>
  );
}
