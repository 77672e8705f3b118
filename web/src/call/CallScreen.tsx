/** A call that is on: everybody's picture, how it stands in words, and what can be done. */

import { useEffect, useRef, useState } from "preact/hooks";

import { useSpeech } from "../ui/speech.ts";
import type { Call } from "./call.ts";
import { Controls } from "./Controls.tsx";
import { others, type CallState } from "./model.ts";
import { Own } from "./Own.tsx";
import { Tile, caption } from "./Tile.tsx";

interface Props {
  readonly call: Call;
  readonly state: CallState;
  readonly nameOf: (key: string) => string;
}

export function CallScreen({ call, state, nameOf }: Props) {
  const { say } = useSpeech();
  const [speaker, setSpeaker] = useState(call.speaker);
  const box = useRef<HTMLElement>(null);
  useEffect(() => box.current?.focus(), []);
  const people = others(state);
  const said = people.map((key) => {
    const link = state.links[key];
    const quality = call.quality(key);
    const weak = quality === "weak" ? ` ${say("call_quality_weak")}` : "";
    return link ? say(caption(link), { name: nameOf(key) }) + weak : "";
  });
  return (
    <section class="call" aria-label={say("call_title")} ref={box} tabIndex={-1} data-phase={state.phase}>
      <p class="hidden" role="status">
        {said.join(". ")}
      </p>
      <div class="tiles" data-count={people.length}>
        {people.map((key) => {
          const link = state.links[key];
          return link && <Tile key={key} name={nameOf(key)} link={link} incoming={call.incoming(key)} speaker={speaker} quality={call.quality(key)} />;
        })}
      </div>
      <Own call={call} video={state.video} />
      {state.telephone !== "" && state.ringer !== state.me && Object.values(state.links).some(({ heard, tries }) => heard > 0 && tries > 1) && (
        <p class="banner">{say("call_telephone", { number: state.telephone })}</p>
      )}
      <Controls call={call} box={box} speaker={speaker} setSpeaker={setSpeaker} />
    </section>
  );
}
