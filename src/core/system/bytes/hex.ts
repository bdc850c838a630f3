/**
 * Lowercase hexadecimal. The protocol has no other: uppercase is malformed (PROTOCOL, preamble).
 *
 * @module
 */

import { copyText } from "./utf8.ts";

declare const hexDigest: unique symbol;

/** 64 lowercase hex characters: a SHA-256 digest, a bundle root, a chain root or a validator id. */
export type HexDigest = string & { readonly [hexDigest]: true };

/** Raw bytes of a SHA-256 digest. */
export const DIGEST_BYTES = 32;

/** Bytes encoded at once. */
const PIECE = 32;

/** Encodes raw bytes as lowercase hex. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += PIECE) text += pieceToHex(bytes, start);
  return text;
}

/** Writes `length` bytes from `start` on as hex in ASCII, twice as many bytes, into `target` at `offset`. */
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

/** Builds a piece in one call. Appending letter by letter makes engines keep a chain of fragments, many times its size. */
function pieceToHex(bytes: Uint8Array, start: number): string {
  const count = Math.min(PIECE, bytes.length - start);
  const units = new Array<number>(count * 2);
  for (let index = 0; index < count; index++) {
    const byte = bytes[start + index] ?? 0;
    units[index * 2] = digitCode(byte >> 4);
    units[index * 2 + 1] = digitCode(byte & 15);
  }
  return String.fromCharCode(...units);
}

/** Encodes the 32 raw bytes of a digest as lowercase hex. Throws a RangeError on another length, which is a bug. */
export function digestToHex(digest: Uint8Array): HexDigest {
  if (digest.length !== DIGEST_BYTES) throw new RangeError("a SHA-256 digest has 32 bytes");
  return toHex(digest) as HexDigest;
}

/** Decodes exactly `byteLength` bytes of lowercase hex. Gives `undefined` for anything else, uppercase included. */
export function parseHex(text: string, byteLength: number): Uint8Array | undefined {
  if (text.length !== byteLength * 2) return undefined;
  const bytes = new Uint8Array(byteLength);
  return parseHexInto(text, bytes) ? bytes : undefined;
}

/** Decodes lowercase hex that fills `bytes` exactly. If it returns false, the contents of `bytes` are undefined. */
export function parseHexInto(text: string, bytes: Uint8Array): boolean {
  if (text.length !== bytes.length * 2) return false;
  return parseHexAt(text, 0, bytes, 0, bytes.length);
}

/** As `parseHexInto`, for the characters of a longer text from `start` on. `target` must have room. */
export function parseHexAt(
  text: string,
  start: number,
  target: Uint8Array,
  offset: number,
  bytes: number,
): boolean {
  let units = 0;
  let values = 0;
  for (let index = 0; index < bytes; index++) {
    const high = text.charCodeAt(start + index * 2);
    const low = text.charCodeAt(start + index * 2 + 1);
    const value = (nibbleOf(high) << 4) | nibbleOf(low);
    units |= high | low;
    values |= value;
    target[offset + index] = value;
  }
  return units < NIBBLES.length && values >= 0;
}

/** The same for digits in ASCII. */
export function parseHexBytes(
  ascii: Uint8Array,
  start: number,
  target: Uint8Array,
  offset: number,
  bytes: number,
): boolean {
  let values = 0;
  for (let index = 0; index < bytes; index++) {
    const high = nibbleOf(ascii[start + index * 2] ?? 0);
    const value = (high << 4) | nibbleOf(ascii[start + index * 2 + 1] ?? 0);
    values |= value;
    target[offset + index] = value;
  }
  return values >= 0;
}

/** The same digest in memory of its own: it does not keep alive a document that it was cut out of. */
export function ownDigest<Digest extends HexDigest | undefined>(digest: Digest): Digest | HexDigest {
  const copy = digest && copyText(digest);
  return isHexDigest(copy) ? copy : digest;
}

/** Whether a text is 64 lowercase hex characters. */
export function isHexDigest(text: unknown): text is HexDigest {
  return typeof text === "string" && parseHexInto(text, discarded);
}

const discarded = new Uint8Array(DIGEST_BYTES);

/** The ASCII code of a digit. By arithmetic, because digests are random and a branch would be mispredicted. */
function digitCode(nibble: number): number {
  return nibble + 0x30 + ((nibble + 6) >> 4) * 39;
}

/** The value of each character code below 256 as a hex digit, or -1. A table avoids mispredicted branches. */
const NIBBLES: Int8Array = Int8Array.from({ length: 256 }, (_, unit) =>
  "0123456789abcdef".indexOf(String.fromCharCode(unit)),
);

/** The value of a hex digit, or -1. Reads the low byte only: the caller checks that all codes are below 256. */
function nibbleOf(unit: number): number {
  return NIBBLES[unit & 0xff] ?? -1;
}
