/** The two links that people give each other. Everything secret is in the fragment, which no server is sent (W20). */

import { ORIGIN_BYTES, checkOrigin } from "./address.ts";
import { WireError, Writer, whole, type Bytes } from "./codec.ts";
import { Purpose, derive } from "./signing.ts";
import { base64url, fromBase64url } from "./text.ts";

export type LinkKind = "card" | "invitation";

const CHARACTERS = 1_024;
const NUMBER = { card: 1, invitation: 2 } as const;
const PATH = { card: "c", invitation: "i" } as const;
const DAMAGED = "this link is damaged or incomplete: copy it whole, or ask for it again";

/** `site` is the origin that serves the page; `relay` the one that holds the sealed card, often the same. */
export interface Link {
  readonly kind: LinkKind;
  readonly site: string;
  readonly relay: string;
  readonly secret: Bytes;
  readonly pin: Bytes;
}

/** The capability that fetches the sealed card. */
export const locator = (link: Link): Promise<Bytes> => derive(link.secret, Purpose.locator);
export const sealKey = (link: Link): Promise<Bytes> => derive(link.secret, Purpose.seal);
/** Mixed into the group that answers the hello. */
export const linkPsk = (link: Link): Promise<Bytes> => derive(link.secret, Purpose.psk);

export function encodeLink(link: Link): string {
  const out = new Writer().uint(1, 1).uint(NUMBER[link.kind], 1).fixed(link.secret, 32).fixed(link.pin, 32);
  out.text(link.relay === link.site ? "" : checkOrigin(link.relay), ORIGIN_BYTES, 1);
  return `${checkOrigin(link.site)}/${PATH[link.kind]}#${base64url(out.done())}`;
}

/** Throws `WireError`, with words fit for whoever pasted the link. */
export function decodeLink(given: string): Link {
  const text = given.trim();
  const mark = text.indexOf("#");
  const front = text.slice(0, Math.max(0, mark));
  const slash = front.lastIndexOf("/");
  if (mark < 0 || text.length > CHARACTERS) {
    throw new WireError("this is no whole Colloque link: copy all of it, with what comes after the #");
  }
  let link: Link;
  try {
    link = readLink(fromBase64url(text.slice(mark + 1)), front.slice(0, slash));
  } catch {
    throw new WireError(DAMAGED);
  }
  if (encodeLink(link) !== text) throw new WireError(DAMAGED);
  return link;
}

function readLink(data: Bytes, site: string): Link {
  return whole(data, (source) => {
    const [version, kind] = [source.uint(1), source.uint(1)];
    if (version !== 1 || (kind !== 1 && kind !== 2)) throw new WireError("a link of an unknown kind");
    const [secret, pin, relay] = [source.fixed(32), source.fixed(32), source.text(ORIGIN_BYTES, 1)];
    return {
      kind: kind === 1 ? "card" : "invitation",
      site: checkOrigin(site),
      relay: checkOrigin(relay || site),
      secret,
      pin,
    };
  });
}
