/**
 * The lines of a trust file, and what may stand in them (PROTOCOL 12 and 15).
 *
 * A reader sees a file in an editor. The parser must not find other lines than the reader does: a carriage
 * return alone, or U+2028, shows as a new line, and a `revoked` line behind it would be part of a comment.
 *
 * @module
 */

import { MAX_TRUST_LINE_BYTES, MAX_TRUST_LINES } from "../bytes/limits.ts";
import { utf8Length } from "../bytes/utf8.ts";

/** One line, as written. */
export interface TrustTextLine {
  /** 1 for the first line. */
  readonly line: number;
  /** The line without its end, which is LF or CR LF. */
  readonly content: string;
}

/** Why a line can't be read, whatever it says. */
export type TrustTextReason =
  /** A control character other than TAB, U+2028 or U+2029. CR may stand only before LF. */
  "control" | "line-too-long" | "too-many-lines";

/** Splits a text at each LF. The piece after the last LF is a line too, also if it is empty. */
export function* splitTrustLines(text: string): Generator<TrustTextLine> {
  let line = 1;
  let start = 0;
  for (let feed = text.indexOf("\n"); feed >= 0; feed = text.indexOf("\n", start)) {
    const end = text.charAt(feed - 1) === "\r" && feed > start ? feed - 1 : feed;
    yield { line, content: text.slice(start, end) };
    line++;
    start = feed + 1;
  }
  yield { line, content: text.slice(start) };
}

/** Finds the first reason why a line can't be read, or `undefined`. */
export function findLineBreach({ content, line }: TrustTextLine): TrustTextReason | undefined {
  // The empty piece after the last line end does not count.
  if (line > MAX_TRUST_LINES && !(line === MAX_TRUST_LINES + 1 && content === "")) return "too-many-lines";
  if (utf8Length(content) > MAX_TRUST_LINE_BYTES) return "line-too-long";
  return /(?!\t)[\p{Cc}\p{Zl}\p{Zp}]/u.test(content) ? "control" : undefined;
}
