/** Whether a call can get out of this network: what ways the browser finds, without anybody at the other end. */

/** `good`: a way through, or a server that relays answers; `unsure`: only this network was found; `none`: nothing. */
export type Reach = "good" | "unsure" | "none";

const PATIENCE_MS = 8_000;

export async function reach(config: RTCConfiguration): Promise<Reach> {
  const pc = new RTCPeerConnection(config);
  const found = new Set<string>();
  const over = new Promise<void>((resolve) => {
    setTimeout(resolve, PATIENCE_MS);
    pc.addEventListener("icecandidate", ({ candidate }) => {
      if (candidate === null) return resolve();
      if (candidate.type !== null) found.add(candidate.type);
      if (found.has("relay")) resolve();
    });
  });
  try {
    pc.createDataChannel("");
    await pc.setLocalDescription();
    await over;
  } catch {
    return "none";
  } finally {
    pc.close();
  }
  if (found.has("relay") || found.has("srflx")) return "good";
  return found.size > 0 ? "unsure" : "none";
}
