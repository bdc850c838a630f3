/**
 * Strict UTF-8 (RFC 3629) and the one order of text that the protocol uses: by UTF-8 bytes.
 *
 * @module
 */

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/**
 * Decodes bytes as UTF-8. Overlong forms, encoded surrogates, truncated sequences, and a text longer
 * than this platform's strings can hold give `undefined`; nothing is ever replaced by U+FFFD. A
 * byte-order mark is kept as U+FEFF, so that the caller can refuse it.
 */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    // A fatal decoder has no other way of saying "not UTF-8", and its exception carries nothing else.
    return undefined;
  }
}

/** Encodes well-formed text as UTF-8. A lone surrogate would become U+FFFD: check `isWellFormed` first. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/**
 * Writes well-formed text as UTF-8 at the start of `target`, and gives the bytes written: for callers with
 * millions of short texts, whose buffers would cost more than their contents.
 */
export function writeUtf8(text: string, target: Uint8Array): number {
  return encoder.encodeInto(text, target).written;
}

/** Whether a text has no lone surrogate, that is, whether it has an UTF-8 form at all. */
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
 * UTF-8 order is code-point order. JavaScript's own order is by UTF-16 units, which puts U+1F600
 * (a surrogate pair, D83D…) before U+FFEE; two tools that sort differently derive different roots.
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
 * Sorts well-formed texts in place by their UTF-8 bytes, and gives them back. Where no two of them can be
 * ordered otherwise by their UTF-16 units, by the platform's own sort, which is several times faster.
 */
export function sortUtf8(texts: string[]): string[] {
  return texts.some((text) => BEYOND.test(text)) ? texts.sort(compareUtf8) : texts.sort();
}

/** The units from the surrogates on: only between two of these do the orders by UTF-16 and by UTF-8 differ. */
const BEYOND = /[\ud800-\uffff]/;

/** The place of a UTF-16 unit in the order of code points: surrogates, which begin those beyond U+FFFF, come last. */
export function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
