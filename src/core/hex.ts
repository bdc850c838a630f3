/**
 * Lowercase hexadecimal, the only hex the protocol knows (PROTOCOL, preamble): uppercase is malformed.
 *
 * @module
 */

declare const hexDigest: unique symbol;

/** 64 lowercase hex characters: a SHA-256 digest, a bundle root, a chain root or a validator id. */
export type HexDigest = string & { readonly [hexDigest]: true };

const DIGITS = "0123456789abcdef";

/** Encodes raw bytes as lowercase hex. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += DIGITS.charAt(byte >> 4) + DIGITS.charAt(byte & 15);
  return text;
}

/** Writes the hex of `length` bytes from `start` on as ASCII into `target` at `offset`: twice as many bytes. */
export function writeHex(
  bytes: Uint8Array,
  start: number,
  length: number,
  target: Uint8Array,
  offset: number,
): void {
  for (let index = 0; index < length; index++) {
    const byte = bytes[start + index] ?? 0;
    target[offset + index * 2] = digitCode(byte >> 4);
    target[offset + index * 2 + 1] = digitCode(byte & 15);
  }
}

/** Encodes the 32 raw bytes of a digest as lowercase hex. Throws a RangeError on any other length: a bug. */
export function digestToHex(digest: Uint8Array): HexDigest {
  if (digest.length !== 32) throw new RangeError("a SHA-256 digest has 32 bytes");
  return toHex(digest) as HexDigest;
}

/** Decodes exactly `byteLength` bytes of lowercase hex; anything else, uppercase included, is `undefined`. */
export function parseHex(text: string, byteLength: number): Uint8Array | undefined {
  if (text.length !== byteLength * 2) return undefined;
  const bytes = new Uint8Array(byteLength);
  for (let index = 0; index < byteLength; index++) {
    const high = nibble(text.charCodeAt(index * 2));
    const low = nibble(text.charCodeAt(index * 2 + 1));
    if (high < 0 || low < 0) return undefined;
    bytes[index] = (high << 4) | low;
  }
  return bytes;
}

/** Whether a text is 64 lowercase hex characters. */
export function isHexDigest(text: unknown): text is HexDigest {
  return typeof text === "string" && /^[0-9a-f]{64}$/.test(text) && text.length === 64;
}

function digitCode(nibble: number): number {
  return nibble < 10 ? 0x30 + nibble : 0x57 + nibble;
}

function nibble(unit: number): number {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
  if (unit >= 0x61 && unit <= 0x66) return unit - 0x57;
  return -1;
}
