/** What can be done during a call. */

import type { RefObject } from "preact";
import { useState } from "preact/hooks";

import { useSpeech } from "../ui/speech.ts";
import type { Call } from "./call.ts";
import { Devices } from "./Devices.tsx";
import { canShareScreen } from "./media.ts";

interface Props {
  readonly call: Call;
  readonly box: RefObject<HTMLElement | null>;
  readonly speaker: string;
  readonly setSpeaker: (id: string) => void;
}

export const idOf = (track: MediaStreamTrack | null): string => track?.getSettings().deviceId ?? "";

/** Only telephones have a camera on each side. */
const hasTwoSides = (): boolean => matchMedia("(pointer: coarse)").matches;

export function Controls({ call, box, speaker, setSpeaker }: Props) {
  const { say } = useSpeech();
  const { own } = call;
  const [chooses, setChooses] = useState(false);
  const apart = (): void => {
    const video = box.current?.querySelector<HTMLVideoElement>(".tile video");
    if (document.pictureInPictureElement) void document.exitPictureInPicture();
    else void video?.requestPictureInPicture().catch(() => undefined);
  };
  const turn = (): void => {
    void call.choosePicture({ facing: call.choice.facing === "environment" ? "user" : "environment" });
  };
  return (
    <>
      <div class="buttons controls">
        {own.sound && (
          <button type="button" class="secondary" onClick={() => call.mute(!own.isMuted)}>
            {say(own.isMuted ? "call_unmute" : "call_mute")}
          </button>
        )}
        {own.picture && (
          <button type="button" class="secondary" onClick={() => call.hide(!own.isHidden)}>
            {say(own.isHidden ? "call_unhide" : "call_hide")}
          </button>
        )}
        <button type="button" class="danger" onClick={() => call.hangUp()}>
          {say("call_hangUp")}
        </button>
      </div>
      <div class="buttons">
        {own.picture && !own.isSharing && hasTwoSides() && (
          <button type="button" class="secondary" onClick={turn}>
            {say("call_turn")}
          </button>
        )}
        {canShareScreen() && (
          <button
            type="button"
            class="secondary"
            onClick={() => (own.isSharing ? call.unshare() : void call.share().catch(() => undefined))}
          >
            {say(own.isSharing ? "call_unshare" : "call_share")}
          </button>
        )}
        {document.pictureInPictureEnabled && (
          <button type="button" class="secondary" onClick={apart}>
            {say("call_pip")}
          </button>
        )}
        <button type="button" class="secondary" aria-expanded={chooses} onClick={() => setChooses(!chooses)}>
          {say("call_devices")}
        </button>
      </div>
      {chooses && (
        <Devices
          chosen={{ microphone: idOf(own.sound), camera: idOf(own.isSharing ? null : own.picture), speaker }}
          choose={(kind, id) => {
            if (kind === "microphone") void call.chooseSound({ microphone: id });
            else if (kind === "camera") void call.choosePicture({ camera: id });
            else setSpeaker(id);
          }}
        />
      )}
    </>
  );
}
