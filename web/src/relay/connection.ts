/** One WebSocket to a relay: commands and their answers, and readings (`spec/relay.md` R4 to R18). */

import { WireError, type Bytes } from "../wire/codec.ts";
import { decodeAnswer, type Answer } from "../wire/frames/answers.ts";
import { encodeCommand, type Command } from "../wire/frames/commands.ts";
import type { Position } from "../wire/frames/position.ts";
import { Refused, TakenOver, Unreachable, type RelayError } from "./errors.ts";

const OPEN_MS = 15_000;
const ANSWER_MS = 30_000;
const MOST_WAITING = 1_024;

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: RelayError): void;
}

export interface Delivered {
  readonly position: Position;
  readonly envelope: Bytes;
}

/** What a queue hands out, in order. */
export class Reading {
  private readonly came: Delivered[] = [];
  private broken: RelayError | undefined;
  private wake: () => void = () => undefined;

  constructor(
    private readonly connection: Connection,
    private readonly handle: number,
    /** Up to where this queue was confirmed before. */
    readonly confirmed: Position,
    /** How many messages lay there when the reading began. */
    readonly waiting: number,
  ) {}

  put(item: Delivered): void {
    if (this.came.length >= MOST_WAITING) throw new WireError("the relay sends more than was asked for");
    this.came.push(item);
    this.wake();
  }

  end(error: RelayError): void {
    this.broken = error;
    this.wake();
  }

  /** Throws `TakenOver` or `Unreachable`. */
  async next(): Promise<Delivered> {
    for (;;) {
      const item = this.came.shift();
      if (item !== undefined) return item;
      if (this.broken !== undefined) throw this.broken;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  get hasMore(): boolean {
    return this.came.length > 0;
  }

  async confirm(position: Position): Promise<void> {
    await this.connection.call({ is: "confirm", handle: this.handle, position });
  }
}

export class Connection {
  private request = 0;
  private readonly waiting = new Map<number, Waiting>();
  private readonly readings = new Map<number, Reading>();
  isClosed = false;

  private constructor(
    private readonly socket: WebSocket,
    private readonly closed: () => void,
  ) {
    socket.onmessage = ({ data }) => this.take(data);
    socket.onclose = () => this.lose();
    socket.onerror = () => this.lose();
  }

  /** `closed` is told once, when the line is lost. Throws `Unreachable`. */
  static open(relay: string, closed: () => void): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(`${relay.replace(/^http/, "ws")}/v1/live`);
      socket.binaryType = "arraybuffer";
      const failed = (): void => {
        clearTimeout(timer);
        socket.close();
        reject(new Unreachable("the relay does not answer"));
      };
      const timer = setTimeout(failed, OPEN_MS);
      socket.onerror = failed;
      socket.onclose = failed;
      socket.onopen = () => {
        clearTimeout(timer);
        resolve(new Connection(socket, closed));
      };
    });
  }

  close(): void {
    this.socket.close();
    this.lose();
  }

  /** Throws `Unreachable` or `Refused`. */
  async call(command: Command): Promise<Answer> {
    if (this.isClosed) throw new Unreachable("the line to the relay broke");
    this.request = (this.request % 0xffffffff) + 1;
    const request = this.request;
    const answer = new Promise<Answer>((resolve, reject) => this.waiting.set(request, { resolve, reject }));
    const timer = setTimeout(() => this.close(), ANSWER_MS);
    this.socket.send(encodeCommand(request, command));
    try {
      const found = await answer;
      if (found.is === "refused") throw new Refused(found.code, found.retryAfter);
      return found;
    } finally {
      clearTimeout(timer);
      this.waiting.delete(request);
    }
  }

  async read(read: Bytes): Promise<Reading> {
    const answer = await this.call({ is: "read", read });
    const reading = answer.is === "reading" ? this.readings.get(answer.handle) : undefined;
    if (reading === undefined) throw new Unreachable("the relay gave another answer than was asked for");
    return reading;
  }

  private take(data: unknown): void {
    try {
      if (!(data instanceof ArrayBuffer)) throw new WireError("a frame that is text");
      this.give(...decodeAnswer(new Uint8Array(data)));
    } catch {
      this.close();
    }
  }

  private give(request: number, answer: Answer): void {
    if (answer.is === "message") return this.readings.get(answer.handle)?.put(answer);
    if (answer.is === "taken-over") {
      this.readings.get(answer.handle)?.end(new TakenOver("another program reads this queue now"));
      this.readings.delete(answer.handle);
      return;
    }
    // Before whoever asked is told: messages may follow at once.
    if (answer.is === "reading" && this.waiting.has(request)) {
      this.readings.set(answer.handle, new Reading(this, answer.handle, answer.confirmed, answer.waiting));
    }
    this.waiting.get(request)?.resolve(answer);
  }

  private lose(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    const error = new Unreachable("the line to the relay broke");
    for (const waiting of this.waiting.values()) waiting.reject(error);
    for (const reading of this.readings.values()) reading.end(error);
    this.closed();
  }
}
