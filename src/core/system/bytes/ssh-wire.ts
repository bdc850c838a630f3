/**
 * The encoding of SSH's keys, signatures and messages (RFC 4251, section 5): big-endian uint32, and strings with their length before
 * them. What is read may be a stranger's: nothing is taken on trust.
 *
 * @module
 */

import { concatBytes } from "./bytes.ts";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

/** Encodes a uint32. */
export function sshUint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

/** Encodes a string of bytes, or a well-formed text as UTF-8. */
export function sshString(content: Uint8Array | string): Uint8Array {
  const bytes = typeof content === "string" ? encodeUtf8(content) : content;
  return concatBytes([sshUint32(bytes.length), bytes]);
}

/** Reads fields one after the other, without a copy. Gives `undefined` from the first one on for which not enough is left. */
export class SshReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether everything was read. */
  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** So many bytes. */
  take(length: number): Uint8Array | undefined {
    const start = this.#at;
    this.#at = start + length <= this.#bytes.length ? start + length : Number.POSITIVE_INFINITY;
    return this.#at === Number.POSITIVE_INFINITY ? undefined : this.#bytes.subarray(start, this.#at);
  }

  /** All that is left. */
  rest(): Uint8Array | undefined {
    return this.#at === Number.POSITIVE_INFINITY ? undefined : this.take(this.#bytes.length - this.#at);
  }

  /** The next byte. */
  byte(): number | undefined {
    return this.take(1)?.[0];
  }

  /** The next uint32. */
  number(): number | undefined {
    return this.take(4)?.reduce((value, byte) => value * 256 + byte, 0);
  }

  /** The next string's bytes. */
  string(): Uint8Array | undefined {
    const length = this.number();
    return length === undefined ? undefined : this.take(length);
  }

  /** The next string as a text; `undefined` also where it is not UTF-8. */
  text(): string | undefined {
    const bytes = this.string();
    return bytes && decodeUtf8(bytes);
  }
}
