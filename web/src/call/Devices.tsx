/** Which microphone, which camera, which loudspeaker; where there is a choice. */

import { useEffect, useState } from "preact/hooks";

import { useSpeech } from "../ui/speech.ts";

export type DeviceKind = "microphone" | "camera" | "speaker";

const KINDS: readonly (readonly [DeviceKind, MediaDeviceKind])[] = [
  ["microphone", "audioinput"],
  ["camera", "videoinput"],
  ["speaker", "audiooutput"],
];

interface Props {
  readonly chosen: Readonly<Record<DeviceKind, string>>;
  readonly choose: (kind: DeviceKind, id: string) => void;
}

export function Devices({ chosen, choose }: Props) {
  const { say } = useSpeech();
  const [all, setAll] = useState<readonly MediaDeviceInfo[]>([]);
  useEffect(() => {
    const media = navigator.mediaDevices;
    if (!media) return;
    const look = (): void => void media.enumerateDevices().then(setAll, () => setAll([]));
    look();
    media.addEventListener("devicechange", look);
    return () => media.removeEventListener("devicechange", look);
  }, []);
  return (
    <div class="devices">
      {KINDS.map(([kind, browser]) => {
        const found = all.filter((one) => one.kind === browser && one.deviceId !== "");
        if (found.length === 0) return null;
        return (
          <label key={kind}>
            {say(`call_${kind}`)}
            <select onChange={({ currentTarget }) => choose(kind, currentTarget.value)}>
              {found.map((one, at) => (
                <option key={one.deviceId} value={one.deviceId} selected={one.deviceId === chosen[kind]}>
                  {one.label || `${say(`call_${kind}`)} ${at + 1}`}
                </option>
              ))}
            </select>
          </label>
        );
      })}
    </div>
  );
}
