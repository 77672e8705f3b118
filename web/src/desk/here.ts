/** Somebody is at the desk: it is told so, now and then, and does not lock the screen. */

import { useEffect } from "preact/hooks";

import { post } from "./api.ts";

const OFTEN_MS = 30_000;
const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "touchmove"] as const;

export function useHere(): void {
  useEffect(() => {
    let told = 0;
    const here = (): void => {
      if (Date.now() - told < OFTEN_MS) return;
      told = Date.now();
      // Locked meanwhile, or not there: the page is told on its other line.
      post("/api/here").catch(() => undefined);
    };
    for (const sign of SIGNS) addEventListener(sign, here, { passive: true });
    return () => {
      for (const sign of SIGNS) removeEventListener(sign, here);
    };
  }, []);
}
