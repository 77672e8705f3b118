/** What is heard when somebody calls: two soft notes, made here, every three seconds, for as long as it rings. */

import { useEffect } from "preact/hooks";

const AGAIN_MS = 3_000;
const NOTES = [659, 523];
const NOTE_S = 0.35;

function play(context: AudioContext): void {
  for (const [at, hertz] of NOTES.entries()) {
    const [note, volume] = [context.createOscillator(), context.createGain()];
    const start = context.currentTime + at * NOTE_S;
    note.frequency.value = hertz;
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(0.2, start + 0.05);
    volume.gain.linearRampToValueAtTime(0, start + NOTE_S);
    note.connect(volume).connect(context.destination);
    note.start(start);
    note.stop(start + NOTE_S);
  }
}

/** Once, on the loudspeaker that was chosen, where the browser lets a page choose. */
export async function playTo(speaker: string): Promise<void> {
  const context: AudioContext & { setSinkId?: (id: string) => Promise<void> } = new AudioContext();
  if (speaker !== "") await context.setSinkId?.(speaker).catch(() => undefined);
  play(context);
  setTimeout(() => void context.close().catch(() => undefined), 2_000);
}

export function useTone(rings: boolean): void {
  useEffect(() => {
    if (!rings || typeof AudioContext === "undefined") return;
    // A page that nobody has touched yet may not sound: then the title and the screen reader tell.
    const context = new AudioContext();
    play(context);
    const timer = setInterval(() => play(context), AGAIN_MS);
    return () => {
      clearInterval(timer);
      void context.close().catch(() => undefined);
    };
  }, [rings]);
}
