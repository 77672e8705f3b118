/** What time brings: a member's weekly renewal, mail that is late, and how long things are kept (S20, S26 to S28). */

import { DAY, type Context, type Talk } from "./model.ts";
import { mayWrite } from "./write.ts";

const RENEW_EVERY = 7 * DAY;
export const LATE_AFTER = 2 * DAY;
export const KEEP_RAW = 30 * DAY;
export const KEEP_SEEN = 45 * DAY;
export const KEEP_PACKAGE = 60 * DAY;
export const RAW_MESSAGES = 512;
export const RAW_BYTES = 16 * 2 ** 20;

/** A member's keys are a week old. */
export const wantsRenewal = (ctx: Context, talk: Talk): boolean =>
  mayWrite(talk) && talk.conversation.revision > 0 && ctx.now - talk.conversation.renewedAt >= RENEW_EVERY;
