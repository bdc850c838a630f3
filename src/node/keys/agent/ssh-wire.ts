/**
 * The encoding of SSH's messages (RFC 4251, section 5): big-endian uint32, and strings with their length before
 * them. What is read comes from a socket that anybody may have put there: nothing is taken on trust.
 *
 * @module
 */

/** Encodes a uint32. */
export function sshUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Encodes a string of bytes, or a text as UTF-8. */
export function sshString(content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([sshUint32(bytes.length), bytes]);
}

/** Reads fields one after the other; `undefined` once there is not enough left. */
export class SshReader {
  readonly #bytes: Buffer;
  #position = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Whether everything was read. */
  get isAtEnd(): boolean {
    return this.#position === this.#bytes.length;
  }

  /** The next byte. */
  readByte(): number | undefined {
    return this.#take(1)?.readUInt8();
  }

  /** The next uint32. */
  readUint32(): number | undefined {
    return this.#take(4)?.readUInt32BE();
  }

  /** The next string's bytes. */
  readString(): Buffer | undefined {
    const length = this.readUint32();
    return length === undefined ? undefined : this.#take(length);
  }

  #take(length: number): Buffer | undefined {
    if (length > this.#bytes.length - this.#position) return undefined;
    this.#position += length;
    return this.#bytes.subarray(this.#position - length, this.#position);
  }
}
