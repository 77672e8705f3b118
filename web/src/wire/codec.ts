/** Reading and writing of the wire's bytes (`spec/wire.md` W1 to W4): every format is made of these pieces only. */

export type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes that are not a value of the format asked for. The message never quotes the bytes. */
export class WireError extends Error {
  override readonly name: string = "WireError";
}

const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const ENCODER = new TextEncoder();

export function utf8(text: string): Bytes {
  return ENCODER.encode(text);
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Not in constant time: for what is no secret. See `sameSecret` in `crypto/`. */
export function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/** Takes pieces from the front of `data`; every method throws `WireError` where they are not there. */
export class Reader {
  private at = 0;

  constructor(private readonly data: Uint8Array) {}

  fixed(size: number): Bytes {
    const end = this.at + size;
    if (end > this.data.length) throw new WireError("the bytes end too early");
    const piece = this.data.slice(this.at, end) as Bytes;
    this.at = end;
    return piece;
  }

  /** An unsigned big-endian integer of `size` bytes. One beyond 2^53 is refused: no count or time of ours comes near it. */
  uint(size: number): number {
    const value = this.fixed(size).reduce((sum, byte) => sum * 256 + byte, 0);
    if (!Number.isSafeInteger(value)) throw new WireError("a number is too large");
    return value;
  }

  flag(): boolean {
    const value = this.uint(1);
    if (value > 1) throw new WireError("a flag is neither 0 nor 1");
    return value === 1;
  }

  /** A length of `size` bytes, at most `limit`, and that many bytes. */
  opaque(limit: number, size = 2): Bytes {
    const length = this.uint(size);
    if (length > limit) throw new WireError(`a field is longer than ${limit} bytes`);
    return this.fixed(length);
  }

  /** UTF-8 text of at most `limit` bytes, without NUL. */
  text(limit: number, size = 2): string {
    let value: string;
    try {
      value = DECODER.decode(this.opaque(limit, size));
    } catch (error) {
      if (error instanceof WireError) throw error;
      throw new WireError("a text is not UTF-8");
    }
    if (value.includes("\0")) throw new WireError("a text holds NUL");
    return value;
  }

  /** A count of two bytes, at most `limit`, and that many values. */
  list<T>(read: (source: Reader) => T, limit: number): T[] {
    const count = this.uint(2);
    if (count > limit) throw new WireError(`a list is longer than ${limit}`);
    return Array.from({ length: count }, () => read(this));
  }

  rest(): Bytes {
    return this.fixed(this.data.length - this.at);
  }

  /** Refuses bytes that nothing asked for. */
  end(): void {
    if (this.at !== this.data.length) throw new WireError("bytes are left over");
  }
}

/** Builds bytes from pieces; throws `WireError` where a value does not fit its field. */
export class Writer {
  private readonly parts: Uint8Array[] = [];

  fixed(value: Uint8Array, size: number): this {
    if (value.length !== size) throw new WireError(`a field wants exactly ${size} bytes`);
    return this.raw(value);
  }

  uint(value: number, size: number): this {
    if (!Number.isSafeInteger(value) || value < 0 || value >= 256 ** size) {
      throw new WireError(`a number does not fit ${size} bytes`);
    }
    const out = new Uint8Array(size);
    for (let at = size - 1, left = value; at >= 0; at -= 1, left = Math.floor(left / 256)) out[at] = left % 256;
    return this.raw(out);
  }

  flag(value: boolean): this {
    return this.uint(value ? 1 : 0, 1);
  }

  opaque(value: Uint8Array, limit: number, size = 2): this {
    if (value.length > limit) throw new WireError(`a field is longer than ${limit} bytes`);
    return this.uint(value.length, size).raw(value);
  }

  text(value: string, limit: number, size = 2): this {
    if (value.includes("\0")) throw new WireError("a text holds NUL");
    if (/\p{Cs}/u.test(value)) throw new WireError("a text is not UTF-8");
    return this.opaque(utf8(value), limit, size);
  }

  list<T>(values: readonly T[], write: (out: Writer, value: T) => unknown, limit: number): this {
    if (values.length > limit) throw new WireError(`a list is longer than ${limit}`);
    this.uint(values.length, 2);
    for (const value of values) write(this, value);
    return this;
  }

  /** Bytes whose length is known otherwise. */
  raw(value: Uint8Array): this {
    this.parts.push(value);
    return this;
  }

  done(): Bytes {
    return concat(...this.parts);
  }
}

/** A whole value: what is left over is refused. */
export function whole<T>(data: Uint8Array, read: (source: Reader) => T): T {
  const source = new Reader(data);
  const value = read(source);
  source.end();
  return value;
}

/** The value where it is one of `known`; throws `WireError` otherwise. */
export function oneOf<T extends number>(value: number, known: readonly T[], what: string): T {
  const found = known.find((each) => each === value);
  if (found === undefined) throw new WireError(what);
  return found;
}
