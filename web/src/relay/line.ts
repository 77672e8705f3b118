/** The way to one relay: a connection that is made when it is needed, and made again, patiently, when it broke. */

import { Connection } from "./connection.ts";
import { Unreachable } from "./errors.ts";
import { checkRelay } from "./http.ts";

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 60_000;

export class Line {
  private current: Connection | undefined;
  private opening: Promise<Connection> | undefined;
  private checked = false;
  private pause = 0;
  private notBefore = 0;

  /** `changed` is told when the line comes up or breaks. */
  constructor(
    readonly relay: string,
    private readonly changed: () => void,
  ) {}

  get isUp(): boolean {
    return this.current !== undefined && !this.current.isClosed;
  }

  /** Milliseconds until it is worth trying again. */
  get wait(): number {
    return Math.max(0, this.notBefore - performance.now());
  }

  /** The browser says that it is on line again: no use in waiting any longer. */
  hurry(): void {
    this.notBefore = 0;
    this.pause = 0;
  }

  /** A live one, or `Unreachable` at once while a pause lasts; the relay's numbers are checked first. */
  connection(): Promise<Connection> {
    if (this.current !== undefined && !this.current.isClosed) return Promise.resolve(this.current);
    this.opening ??= this.open().finally(() => (this.opening = undefined));
    return this.opening;
  }

  private async open(): Promise<Connection> {
    if (this.wait > 0) throw new Unreachable("the relay did not answer; it is tried again soon");
    try {
      if (!this.checked) await checkRelay(this.relay);
      this.checked = true;
      this.current = await Connection.open(this.relay, this.changed);
    } catch (error) {
      // Longer each time, and never the same for everybody.
      this.pause = Math.min(LONGEST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, 2 * this.pause));
      this.notBefore = performance.now() + this.pause * (0.5 + 0.5 * Math.random());
      this.changed();
      throw error;
    }
    this.pause = 0;
    this.changed();
    return this.current;
  }

  close(): void {
    this.current?.close();
  }
}

/** One line for each relay in use. */
export class Lines {
  private readonly lines = new Map<string, Line>();

  constructor(private readonly changed: () => void) {}

  to(relay: string): Line {
    let line = this.lines.get(relay);
    if (line === undefined) this.lines.set(relay, (line = new Line(relay, this.changed)));
    return line;
  }

  all(): Line[] {
    return [...this.lines.values()];
  }
}
