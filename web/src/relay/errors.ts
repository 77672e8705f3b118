/** What can go wrong between an end and a relay. None of these quotes a capability. */

import { Code } from "../wire/frames/answers.ts";

export class RelayError extends Error {
  override readonly name: string = "RelayError";
}

/** The relay does not answer, or the line broke: try again later. */
export class Unreachable extends RelayError {
  override readonly name = "Unreachable";
}

/** The relay's numbers are not safe for mail, or it is none. */
export class UnsafeRelay extends RelayError {
  override readonly name = "UnsafeRelay";
}

/** Another program reads this queue now. */
export class TakenOver extends RelayError {
  override readonly name = "TakenOver";
}

/** The relay will not. `retryAfter` in milliseconds; 0 where trying again is of no use. */
export class Refused extends RelayError {
  override readonly name = "Refused";

  constructor(
    readonly code: Code,
    readonly retryAfter = 0,
  ) {
    super("the relay refused");
  }

  /** No such queue, card or chunk, or the capability is not, or no longer, right. */
  get isGone(): boolean {
    return this.code === Code.no;
  }

  /** Not now: the queue or the relay is full, or too much is asked at once. */
  get isForNow(): boolean {
    return this.code === Code.full || this.code === Code.rate || this.code === Code.closing;
  }
}
