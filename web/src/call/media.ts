/** This device's camera, microphone and screen: what can be had is had, and what cannot is said (never both or nothing). */

/** What is sent now; `null`: nothing. */
export interface Tracks {
  readonly sound: MediaStreamTrack | null;
  readonly picture: MediaStreamTrack | null;
}

/** `denied`: this person or this browser said no; `missing`: there is none; `busy`: another program holds it. */
export type Had = "on" | "denied" | "missing" | "busy";

export interface Opened extends Tracks {
  readonly soundHad: Had;
  readonly pictureHad: Had;
}

export interface Choice {
  readonly microphone?: string;
  readonly camera?: string;
  readonly facing?: "user" | "environment";
}

const sound = ({ microphone }: Choice): MediaTrackConstraints => ({
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
  ...(microphone ? { deviceId: { exact: microphone } } : {}),
});
const picture = ({ camera, facing }: Choice): MediaTrackConstraints => ({
  width: { ideal: 640 },
  height: { ideal: 480 },
  frameRate: { ideal: 24, max: 30 },
  ...(camera ? { deviceId: { exact: camera } } : { facingMode: { ideal: facing ?? "user" } }),
});

function whyNot(error: unknown): Had {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  return name === "NotReadableError" || name === "AbortError" ? "busy" : "missing";
}

async function one(constraints: MediaStreamConstraints): Promise<readonly [MediaStreamTrack | null, Had]> {
  // Pages in clear, and some embedded browsers, have no devices at all.
  if (!navigator.mediaDevices?.getUserMedia) return [null, "missing"];
  try {
    const [track] = (await navigator.mediaDevices.getUserMedia(constraints)).getTracks();
    return track ? [track, "on"] : [null, "missing"];
  } catch (error) {
    return [null, whyNot(error)];
  }
}

/** A browser heeds only an exact wish for a device; one that was unplugged since must not stop a call, and any other is taken. */
async function wished(chosen: MediaStreamConstraints, any: MediaStreamConstraints): Promise<readonly [MediaStreamTrack | null, Had]> {
  const found = await one(chosen);
  return found[1] === "missing" ? one(any) : found;
}

export const openSound = (choice: Choice): Promise<readonly [MediaStreamTrack | null, Had]> =>
  wished({ audio: sound(choice) }, { audio: sound({}) });
export const openPicture = (choice: Choice): Promise<readonly [MediaStreamTrack | null, Had]> =>
  wished({ video: picture(choice) }, { video: picture({}) });

/** Both are asked for at once, so that a person is asked once; where that fails, each by itself: a denied camera leaves the
sound. */
export async function openBoth(choice: Choice, wantsPicture: boolean): Promise<Opened> {
  if (wantsPicture && navigator.mediaDevices?.getUserMedia) {
    try {
      const both = await navigator.mediaDevices.getUserMedia({ audio: sound(choice), video: picture(choice) });
      const [heard, seen] = [both.getAudioTracks()[0] ?? null, both.getVideoTracks()[0] ?? null];
      return { sound: heard, picture: seen, soundHad: "on", pictureHad: "on" };
    } catch {
      // Which of the two it was is not said.
    }
  }
  const [heard, soundHad] = await openSound(choice);
  const [seen, pictureHad] = wantsPicture ? await openPicture(choice) : [null, "on" as const];
  return { sound: heard, picture: seen, soundHad, pictureHad };
}

/** Throws what the browser throws where this person chooses nothing. */
export async function openScreen(): Promise<MediaStreamTrack | null> {
  const [track] = (await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 10 } } })).getVideoTracks();
  if (track) track.contentHint = "detail";
  return track ?? null;
}

export const canShareScreen = (): boolean => typeof navigator.mediaDevices?.getDisplayMedia === "function";
