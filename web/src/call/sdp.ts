/** What a description says of the certificate that its author's DTLS will show, and of the size of packets. */

/** Sound in packets of 40 ms instead of 20: what each packet costs by itself would be more than the sound on a poor line (C14). */
export function withLongPackets(sdp: string): string {
  const parts = sdp.split(/^(?=m=)/m);
  const longer = (part: string): string => `${part.replace(/^a=(min|max)?ptime:.*\r?\n/gm, "")}a=ptime:40\r\n`;
  return parts.map((part) => (part.startsWith("m=audio") ? longer(part) : part)).join("");
}

/** Whatever a browser may take for a fingerprint: a line that looks like one and is not whole makes the rest worth nothing. */
const LINE = /^[ \t]*a[ \t]*=[ \t]*fingerprint.*$/gim;
const WHOLE = /^a=fingerprint:sha-256 ((?:[0-9a-f]{2}:){31}[0-9a-f]{2})\s*$/i;

/** The one SHA-256 that every fingerprint in it says, in hexadecimal; empty where there is none, or where they differ, or another
hash is among them (C7). */
export function fingerprintOf(sdp: string): string {
  const found = [...sdp.matchAll(LINE)].map(([line]) => WHOLE.exec(line)?.[1]?.replaceAll(":", "").toLowerCase() ?? "");
  const first = found[0] ?? "";
  return found.every((one) => one === first) ? first : "";
}
