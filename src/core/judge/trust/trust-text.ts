/**
 * The lines of a trust file, and the characters allowed in them (PROTOCOL 12 and 15).
 *
 * The parser must find the same lines as a person in an editor. An editor shows a lone carriage return or U+2028 as
 * a new line. The parser would read a `revoked` line after it as part of a comment.
 *
 * @module
 */

import { MAX_TRUST_LINE_BYTES, MAX_TRUST_LINES } from "../../system/bytes/limits.ts";
import { utf8Length } from "../../system/bytes/utf8.ts";

/** One line, as written. */
export interface TrustTextLine {
  /** 1 for the first line. */
  readonly line: number;
  /** The line without its end, which is LF or CR LF. */
  readonly content: string;
}

/** Why a line is refused whatever its contents. */
export type TrustTextReason =
  /** A control character other than TAB, U+2028 or U+2029. CR may stand only before LF. */
  "control" | "line-too-long" | "too-many-lines";

/** Splits a text at each LF. The text after the last LF is a line too, even if it is empty. */
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

/** Finds the first reason to refuse a line. Gives `undefined` if there is none. */
export function findLineBreach({ content, line }: TrustTextLine): TrustTextReason | undefined {
  // The empty piece after the last line end does not count.
  if (line > MAX_TRUST_LINES && !(line === MAX_TRUST_LINES + 1 && content === "")) return "too-many-lines";
  if (utf8Length(content) > MAX_TRUST_LINE_BYTES) return "line-too-long";
  return /(?!\t)[\p{Cc}\p{Zl}\p{Zp}]/u.test(content) ? "control" : undefined;
}
