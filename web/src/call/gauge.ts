/** What a connection's line is like, as the browser counts it. */

import type { Sample } from "./steer.ts";

interface Pair {
  readonly nominated?: boolean;
  readonly state?: string;
  readonly availableOutgoingBitrate?: number;
  readonly currentRoundTripTime?: number;
}

export async function gauge(pc: RTCPeerConnection): Promise<Sample> {
  let [available, loss, delay]: [number | null, number, number] = [null, 0, 0];
  (await pc.getStats()).forEach((one: { readonly type: string } & Pair & { readonly fractionLost?: number }) => {
    if (one.type === "candidate-pair" && one.nominated && one.state === "succeeded") {
      available = one.availableOutgoingBitrate ?? available;
      delay = one.currentRoundTripTime ?? delay;
    }
    if (one.type === "remote-inbound-rtp") loss = Math.max(loss, one.fractionLost ?? 0);
  });
  return { now: Date.now(), available, loss, delayMs: 1000 * delay };
}
