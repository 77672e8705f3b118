/** Following a link: whom it leads to, checked against its pin, before anything is sent (S1, S2). */

import { Refused } from "../relay/errors.ts";
import { checkRelay, getCard } from "../relay/http.ts";
import type { Host } from "../session/greet.ts";
import { checkCard, decodeCard } from "../wire/card.ts";
import { Expired, checkInvitation, decodeInvitation } from "../wire/invitation.ts";
import { locator, sealKey, type Link } from "../wire/links.ts";
import { openCard } from "../wire/sealedCard.ts";

/** The link has expired, was used, or was taken back: the relay holds nothing for it any more. */
export class LinkOver extends Error {
  override readonly name = "LinkOver";
}

/** A public card at a relay where only those with a token may make a queue: it lends no grant (S2). */
export class LinkForOthers extends Error {
  override readonly name = "LinkForOthers";
}

/** Nothing is sent to whoever it is. Throws `LinkOver`, `LinkForOthers`, a `WireError` where it is damaged or forged, or a `RelayError`. */
export async function look(link: Link, now: number): Promise<Host> {
  const isOpen = await checkRelay(link.relay);
  if (link.kind === "card" && !isOpen) throw new LinkForOthers("no grant");
  try {
    const body = await openCard(await sealKey(link), await getCard(link.relay, await locator(link)));
    if (link.kind === "card") {
      const card = decodeCard(body);
      await checkCard(card, link.pin, Math.floor(now / 1000));
      const { signatureKey: key, profile, contact: address, hpkeKey } = card;
      return { key, profile, address, hpkeKey, grant: new Uint8Array(0) };
    }
    const invitation = decodeInvitation(body);
    await checkInvitation(invitation, link.pin, Math.floor(now / 1000));
    const { signatureKey: key, profile, queue: address, hpkeKey, grant } = invitation;
    return { key, profile, address, hpkeKey, grant };
  } catch (error) {
    if (error instanceof Expired || (error instanceof Refused && error.isGone)) throw new LinkOver("over");
    throw error;
  }
}
