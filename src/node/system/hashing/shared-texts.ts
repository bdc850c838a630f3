/**
 * Texts laid out in memory that threads share: none of them has a copy of its own. `TextViews` reads them.
 *
 * @module
 */

import { compareRanges, type LaidOutTexts, type Listing } from "../../../core/internal.ts";

/** Texts in UTF-8, one behind the other. Plain data, which can be sent to a thread. */
export interface SharedTexts extends LaidOutTexts {
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  readonly starts: Uint32Array<SharedArrayBuffer>;
}

const MAX_BYTES = 2 ** 32 - 1;

/**
 * Texts of more than 4 GiB, which a buffer of Node 20 doesn't hold. The paths of one bundle never are, whose manifest has
 * 1 GiB at the most unless the caller allows more; those of a chain may be.
 */
export class TextsTooLong extends RangeError {
  override readonly name = "TextsTooLong";
}

/** Lays texts out. Throws TextsTooLong before it takes memory for them. */
export function layOutTexts(texts: Listing<string>): SharedTexts {
  const starts = new Uint32Array(new SharedArrayBuffer((texts.length + 1) * 4));
  let end = 0;
  for (let index = 0; index < texts.length; index++) {
    end = boundedBytes(end + Buffer.byteLength(texts.at(index) ?? ""));
    starts[index + 1] = end;
  }
  const bytes = new Uint8Array(new SharedArrayBuffer(end));
  const target = Buffer.from(bytes.buffer);
  for (let index = 0; index < texts.length; index++) target.write(texts.at(index) ?? "", starts[index] ?? 0);
  return { bytes, starts };
}

/** A length of texts in bytes. Throws TextsTooLong where it is too large. */
export function boundedBytes(bytes: number): number {
  if (bytes > MAX_BYTES) throw new TextsTooLong("texts of more than 4 GiB");
  return bytes;
}

/** Whether no text comes before the text that it follows, by their bytes. */
export function areAscending(texts: SharedTexts): boolean {
  for (let index = 2; index < texts.starts.length; index++) {
    if (compareTexts(texts, index - 2, index - 1) > 0) return false;
  }
  return true;
}

/** Compares two texts by their bytes. */
export function compareTexts({ bytes, starts }: SharedTexts, left: number, right: number): number {
  const [leftStart = 0, rightStart = 0] = [starts[left], starts[right]];
  return compareRanges(bytes, leftStart, starts[left + 1] ?? 0, bytes, rightStart, starts[right + 1] ?? 0);
}
