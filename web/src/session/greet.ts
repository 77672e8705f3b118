/** A newcomer's first step: the hello that answers a link (`spec/sessions.md` S1 to S3). */

import type { QueueAddress } from "../wire/address.ts";
import { WireError, equal, type Bytes } from "../wire/codec.ts";
import { Kind } from "../wire/envelope.ts";
import { sealHello } from "../wire/hello.ts";
import { linkPsk, type Link } from "../wire/links.ts";
import type { Profile } from "../wire/profile.ts";
import { notice, type Step } from "./effects.ts";
import { keptPackage, lentQueue } from "./keys.ts";
import { offerOf, withPhase, type Context, type Conversation, type Talk } from "./model.ts";

/** Whoever a link leads to, as their checked card or invitation says. */
export interface Host {
  readonly key: Bytes;
  readonly profile: Profile;
  readonly address: QueueAddress;
  readonly hpkeKey: Bytes;
  readonly grant: Bytes;
}

/** Opens a waiting conversation with `host`. Nothing was sent before this: it is the answer to a tap. */
export async function greet(ctx: Context, link: Link, host: Host, firstWords = ""): Promise<Step> {
  if (equal(host.key, ctx.identity.key)) throw new WireError("this link is your own: give it to somebody else");
  const queue = lentQueue(ctx, host.address.relay, host.grant);
  const [keyPackage, keep] = await keptPackage(ctx);
  const conversation: Conversation = {
    id: ctx.random(16),
    name: host.profile.name,
    pair: true,
    phase: "waiting",
    host: host.key,
    queue,
    peers: [{ key: host.key, profile: host.profile, address: null, myWriter: null, head: 0 }],
    secondHost: new Uint8Array(0),
    recovery: new Uint8Array(0),
    revision: 0,
    number: 0,
    succession: 1,
    welcomePsk: await linkPsk(link),
    renewedAt: 0,
  };
  const hello = {
    recipient: host.key,
    pin: link.pin,
    signatureKey: ctx.identity.key,
    conversation: conversation.id,
    sentAt: ctx.now,
    profile: ctx.identity.profile,
    queue: offerOf(queue),
    keyPackage,
    firstWords,
  };
  const payload = await sealHello(hello, ctx.identity.seed, link.secret, host.hpkeKey);
  return [
    { conversation, groups: [] },
    [
      { is: "make-queue", queue },
      keep,
      { is: "post", to: host.key, address: host.address, kind: Kind.hello, payload, about: null },
    ],
  ];
}

/** The link's queue is gone: somebody else has used the link, or its owner took it back (S5). Nobody will answer. */
export function turnedAway(talk: Talk): Step {
  const c = talk.conversation;
  if (c.phase !== "waiting") return [talk, []];
  return [withPhase(talk, "removed"), [{ is: "drop-queue", queue: c.queue }, notice("link-used", c.host)]];
}
