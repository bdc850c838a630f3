/**
 * Strict base64 (RFC 4648, section 4): padded, without line breaks, with zero bits at the end. So each
 * key has exactly one text.
 *
 * @module
 */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Encodes bytes. */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let index = 0; index < bytes.length; index += 3) {
    const [first = 0, second, third] = bytes.subarray(index, index + 3);
    const group = (first << 16) | ((second ?? 0) << 8) | (third ?? 0);
    text += ALPHABET.charAt(group >> 18) + ALPHABET.charAt((group >> 12) & 63);
    text += second === undefined ? "=" : ALPHABET.charAt((group >> 6) & 63);
    text += third === undefined ? "=" : ALPHABET.charAt(group & 63);
  }
  return text;
}

/** The value of each character of the alphabet by its code; 255 for every other code below 128. */
const VALUES: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = ALPHABET.indexOf(String.fromCharCode(code));
  return value < 0 ? 255 : value;
});

/**
 * Decodes a text. Gives `undefined` unless it is exactly what `toBase64` writes: whole groups of four, and zero bits where
 * the padding leaves some over. Never writes the text again to compare: an envelope has a hundred million characters.
 */
export function parseBase64(text: string): Uint8Array | undefined {
  const { length } = text;
  if (length % 4 !== 0) return undefined;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((length / 4) * 3 - padding);
  const end = length - padding;
  let at = 0;
  let group = 0;
  for (let index = 0; index < length; index++) {
    const value = index < end ? (VALUES[text.charCodeAt(index)] ?? 255) : 0;
    if (value === 255) return undefined;
    group = (group << 6) | value;
    if (index % 4 < 3) continue;
    const left = index < end ? 0 : padding;
    if ((group & ((1 << (left * 8)) - 1)) !== 0) return undefined;
    bytes[at++] = group >> 16;
    if (left < 2) bytes[at++] = group >> 8;
    if (left < 1) bytes[at++] = group;
    group = 0;
  }
  return bytes;
}
