/**
 * Lowercase hexadecimal, the only hex the protocol knows (PROTOCOL, preamble): uppercase is malformed.
 *
 * @module
 */

declare const hexDigest: unique symbol;

/** 64 lowercase hex characters: a SHA-256 digest, a bundle root, a chain root or a validator id. */
export type HexDigest = string & { readonly [hexDigest]: true };

/** Raw bytes of a SHA-256 digest. */
export const DIGEST_BYTES = 32;

/** Bytes written at once. */
const PIECE = 32;

/** Encodes raw bytes as lowercase hex. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += PIECE) text += pieceToHex(bytes, start);
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

/** All units of a piece at once: letter by letter, engines keep a chain of fragments, many times the text's size. */
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

/** Encodes the 32 raw bytes of a digest as lowercase hex. Throws a RangeError on any other length: a bug. */
export function digestToHex(digest: Uint8Array): HexDigest {
  if (digest.length !== 32) throw new RangeError("a SHA-256 digest has 32 bytes");
  return toHex(digest) as HexDigest;
}

/** Decodes exactly `byteLength` bytes of lowercase hex; anything else, uppercase included, is `undefined`. */
export function parseHex(text: string, byteLength: number): Uint8Array | undefined {
  if (text.length !== byteLength * 2) return undefined;
  const bytes = new Uint8Array(byteLength);
  return parseHexInto(text, bytes) ? bytes : undefined;
}

/** Decodes exactly as much lowercase hex as fills `bytes`; says whether it was that. If not, `bytes` holds nothing of use. */
export function parseHexInto(text: string, bytes: Uint8Array): boolean {
  if (text.length !== bytes.length * 2) return false;
  return parseHexAt(text, 0, bytes, 0, bytes.length);
}

/** As `parseHexInto`, of the characters of a longer text from `start` on. What does not fit into `target` is a bug. */
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

/** Whether a text is 64 lowercase hex characters. */
export function isHexDigest(text: unknown): text is HexDigest {
  if (typeof text !== "string" || text.length !== 64) return false;
  let units = 0;
  let values = 0;
  for (let index = 0; index < 64; index++) {
    const unit = text.charCodeAt(index);
    units |= unit;
    values |= nibbleOf(unit);
  }
  return units < NIBBLES.length && values >= 0;
}

/** The ASCII code of a digit, by arithmetic: digests are random, and a branch would guess wrong. */
function digitCode(nibble: number): number {
  return nibble + 0x30 + ((nibble + 6) >> 4) * 39;
}

/** The value of each unit below 256 as a digit, -1 for what is none. Digests are random: a branch would guess wrong. */
const NIBBLES: Int8Array = Int8Array.from({ length: 256 }, (_, unit) =>
  "0123456789abcdef".indexOf(String.fromCharCode(unit)),
);

/** The value of a digit, negative for what is none. Looks at the low byte only: the caller checks the rest of all units. */
function nibbleOf(unit: number): number {
  return NIBBLES[unit & 0xff] ?? -1;
}
