/** Camera, microphone, loudspeaker and connection, tried before a call: under a minute, never in the way, and remembered. */

import { useEffect, useRef, useState } from "preact/hooks";

import { useSpeech } from "../ui/speech.ts";
import type { CallEnd } from "./end.ts";
import { idOf } from "./Controls.tsx";
import { Devices } from "./Devices.tsx";
import { useLevel } from "./level.ts";
import { openPicture, openSound, type Choice, type Had } from "./media.ts";
import { howTo } from "./Own.tsx";
import { reach, type Reach } from "./reach.ts";
import { playTo } from "./tone.ts";

interface Props {
  readonly end: CallEnd;
  readonly conversation: string;
  readonly close: () => void;
}

interface Tried {
  readonly track: MediaStreamTrack | null;
  readonly had: Had | null;
}

const NONE: Tried = { track: null, had: null };

export function DeviceCheck({ end, conversation, close }: Props) {
  const { say } = useSpeech();
  const [choice, setChoice] = useState<Choice & { readonly speaker?: string }>(() => end.keptDevices());
  const [picture, setPicture] = useState<Tried>(NONE);
  const [sound, setSound] = useState<Tried>(NONE);
  const [way, setWay] = useState<Reach>();
  const [heard, setHeard] = useState<boolean>();
  const video = useRef<HTMLVideoElement>(null);
  const loudest = useRef(0);
  const level = useLevel(sound.track);
  loudest.current = Math.max(loudest.current, level);
  useEffect(() => {
    let over = false;
    void openPicture(choice).then(([track, had]) => (over ? track?.stop() : setPicture({ track, had })));
    return () => void (over = true);
  }, [choice.camera]);
  useEffect(() => {
    let over = false;
    void openSound(choice).then(([track, had]) => (over ? track?.stop() : setSound({ track, had })));
    return () => void (over = true);
  }, [choice.microphone]);
  useEffect(() => () => picture.track?.stop(), [picture.track]);
  useEffect(() => () => sound.track?.stop(), [sound.track]);
  useEffect(() => {
    if (video.current) video.current.srcObject = picture.track && new MediaStream([picture.track]);
  }, [picture.track]);
  useEffect(() => {
    let over = false;
    void end.ice(conversation).then(reach).then((found) => over || setWay(found));
    return () => void (over = true);
  }, [end, conversation]);
  const done = (): void => {
    void end.keepDevices({ ...choice, isChecked: true });
    close();
  };
  const how = say(howTo(navigator.userAgent));
  const saidOf = (had: Had | null, good: string): string =>
    had === null ? say("loading") : had === "on" ? good : say(`check_${had}`, { how: had === "denied" ? how : "" });
  return (
    <section class="call trying" aria-labelledby="check-title">
      <h2 id="check-title">{say("check_title")}</h2>
      <dl>
        <dt>{say("call_camera")}</dt>
        <dd>
          <video ref={video} class="own mirrored" autoPlay playsInline muted aria-label={say("call_me")} />
          <p data-check="camera">{saidOf(picture.had, say("check_see"))}</p>
        </dd>
        <dt>{say("call_microphone")}</dt>
        <dd>
          <meter min="0" max="1" value={level} aria-label={say("call_microphone")} />
          <p data-check="microphone">{saidOf(sound.had, say(loudest.current > 0.1 ? "check_hear" : "check_speak"))}</p>
        </dd>
        <dt>{say("call_speaker")}</dt>
        <dd>
          <button type="button" class="secondary" onClick={() => void playTo(choice.speaker ?? "").then(() => setHeard(false))}>
            {say("check_play")}
          </button>
          {heard !== undefined && (
            <p data-check="speaker">
              {heard ? say("check_heard") : `${say("check_ask")} `}
              {!heard && (
                <button type="button" class="quiet" onClick={() => setHeard(true)}>
                  {say("yes")}
                </button>
              )}
            </p>
          )}
        </dd>
        <dt>{say("check_line")}</dt>
        <dd>
          <p data-check="line">{way === undefined ? say("loading") : say(`check_line_${way}`)}</p>
        </dd>
      </dl>
      <Devices
        chosen={{ microphone: idOf(sound.track), camera: idOf(picture.track), speaker: choice.speaker ?? "" }}
        choose={(kind, id) => setChoice({ ...choice, [kind]: id })}
      />
      <div class="buttons">
        <button type="button" onClick={done}>
          {say("check_done")}
        </button>
        <button type="button" class="secondary" onClick={close}>
          {say("check_skip")}
        </button>
      </div>
    </section>
  );
}
