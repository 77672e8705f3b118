/** What this person sends: their own picture, and what to do where a camera or a microphone cannot be had. */

import { useEffect, useRef } from "preact/hooks";

import { useSpeech } from "../ui/speech.ts";
import type { Word } from "../ui/words.ts";
import type { Call } from "./call.ts";

/** How to allow a device in this very browser. */
export function howTo(agent: string): Word {
  if (/Firefox|FxiOS/.test(agent)) return "call_how_firefox";
  return /Safari/.test(agent) && !/Chrome|Chromium|CriOS|Edg/.test(agent) ? "call_how_safari" : "call_how_chrome";
}

export function Own({ call, video: wantsPicture }: { readonly call: Call; readonly video: boolean }) {
  const { say } = useSpeech();
  const { own } = call;
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) video.current.srcObject = own.picture ? new MediaStream([own.picture]) : null;
  }, [own.picture]);
  const how = say(howTo(navigator.userAgent));
  const noPicture = wantsPicture && own.pictureHad !== "on";
  return (
    <>
      {own.picture && !own.isHidden && (
        <video class={own.isSharing ? "own" : "own mirrored"} ref={video} autoPlay playsInline muted aria-label={say("call_me")} />
      )}
      {noPicture && own.soundHad === "on" && (
        <p class="banner" role="status">
          {say("call_soundOnlyNow")}
          {say(`call_noCamera_${own.pictureHad as "denied"}`, { how })}{" "}
          <button type="button" class="quiet" onClick={() => void call.choosePicture({})}>
            {say("call_tryAgain")}
          </button>
        </p>
      )}
      {own.soundHad !== "on" && (
        <p class="banner" role="status">
          {say("call_noMicrophone", { how: own.soundHad === "denied" ? how : "" })}{" "}
          <button type="button" class="quiet" onClick={() => void call.chooseSound({})}>
            {say("call_tryAgain")}
          </button>
        </p>
      )}
    </>
  );
}
