/**
 * Strict UTF-8 (RFC 3629), and the protocol's order of texts: by their UTF-8 bytes.
 *
 * @module
 */

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/**
 * Decodes bytes as UTF-8. Gives `undefined` for overlong forms, encoded surrogates, truncated sequences,
 * and a text longer than this platform's strings. Never puts U+FFFD in place of bytes. Keeps a byte-order
 * mark as U+FEFF, so that the caller can refuse it.
 */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    // A fatal decoder reports invalid UTF-8 by an exception, which has no other information.
    return undefined;
  }
}

/** Encodes well-formed text as UTF-8. Check `isWellFormed` first: a lone surrogate would become U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/**
 * Writes well-formed text as UTF-8 to the start of `target` and returns the number of bytes. With millions of
 * short texts, a new buffer for each would cost more than the text.
 */
export function writeUtf8(text: string, target: Uint8Array): number {
  return encoder.encodeInto(text, target).written;
}

/** A well-formed text in memory of its own: it does not keep alive a longer text that it was cut out of. */
export function copyText(text: string): string {
  return decodeUtf8(encodeUtf8(text)) ?? text;
}

/** Whether a text has no lone surrogate. Only such a text has a UTF-8 form. */
export function isWellFormed(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0xd800 || unit > 0xdfff) continue;
    const next = text.charCodeAt(index + 1);
    const paired = unit < 0xdc00 && next >= 0xdc00 && next <= 0xdfff;
    if (!paired) return false;
    index++;
  }
  return true;
}

/** The length of a well-formed text in UTF-8 bytes. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    // Each half of a surrogate pair counts for two of its four bytes.
    length += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return length;
}

/**
 * Compares two well-formed texts by their UTF-8 bytes, for `Array.prototype.sort`.
 *
 * UTF-8 order is code-point order. JavaScript orders by UTF-16 units, which puts U+1F600 (a surrogate pair,
 * D83D…) before U+FFEE. Two tools with different orders compute different roots.
 */
export function compareUtf8(left: string, right: string): number {
  if (!(BEYOND.test(left) && BEYOND.test(right))) return left < right ? -1 : left > right ? 1 : 0;
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return codePointRank(a) - codePointRank(b);
  }
  return left.length - right.length;
}

/**
 * Sorts well-formed texts in place by their UTF-8 bytes and returns them. Uses the platform's sort if both
 * orders are the same for these texts: it is several times faster.
 */
export function sortUtf8(texts: string[]): string[] {
  return texts.some((text) => BEYOND.test(text)) ? texts.sort(compareUtf8) : texts.sort();
}

/** UTF-16 units from the surrogates on. The orders by UTF-16 and by UTF-8 differ only between two of these. */
const BEYOND = /[\ud800-\uffff]/;

/** The rank of a UTF-16 unit in code-point order. Surrogates rank last, as they encode code points beyond U+FFFF. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
