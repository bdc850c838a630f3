/**
 * Matches texts with untrusted patterns, in bounded time. A pattern is never turned into a regular expression,
 * because a backtracking engine needs exponential time for `****…x`.
 *
 * The search backtracks to the last star only. The tokens before that star matched as early as possible, so a
 * later match of them can't help the rest.
 *
 * @module
 */

import { encodeUtf8 } from "../bytes/utf8.ts";

const STAR = 0x2a;
const QUESTION_MARK = 0x3f;

/** A pattern of tokens. Items are the bytes of a text. */
export interface StarPattern {
  readonly tokens: number;
  /** Whether the token matches any number of items, zero included. */
  isStar(token: number): boolean;
  /** Whether the token, which is not a star, matches this item. */
  accepts(token: number, item: number): boolean;
}

/**
 * Whether a pattern matches a whole sequence of `items` items. Calls the pattern at most
 * `2 * (tokens + 1) * (items + 1)` times, because it tests each token with each item once.
 */
export function matchesStars(pattern: StarPattern, items: number): boolean {
  let token = 0;
  let item = 0;
  let afterStar: number | undefined;
  let starEnd = 0;
  while (item < items) {
    if (token < pattern.tokens && pattern.isStar(token)) {
      token++;
      afterStar = token;
      starEnd = item;
    } else if (token < pattern.tokens && pattern.accepts(token, item)) {
      token++;
      item++;
    } else if (afterStar !== undefined) {
      // The last star takes one more item, and the tokens after it start again.
      starEnd++;
      token = afterStar;
      item = starEnd;
    } else {
      return false;
    }
  }
  while (token < pattern.tokens && pattern.isStar(token)) token++;
  return token === pattern.tokens;
}

/**
 * Whether a pattern matches a whole text. `*` matches any bytes of UTF-8 and `?` one byte, as in OpenSSH and
 * git. Every other character matches itself. Both texts must be well-formed.
 */
export function matchesWildcards(pattern: string, text: string): boolean {
  const tokens = encodeUtf8(pattern);
  const bytes = encodeUtf8(text);
  const starPattern: StarPattern = {
    tokens: tokens.length,
    isStar: (token) => tokens[token] === STAR,
    accepts: (token, item) => tokens[token] === QUESTION_MARK || tokens[token] === bytes[item],
  };
  return matchesStars(starPattern, bytes.length);
}
