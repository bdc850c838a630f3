/**
 * Matches texts against patterns from outside, in bounded time. No pattern becomes a regular expression: an
 * engine that backtracks needs exponential time for `****…x`.
 *
 * A match returns to the last star only. The tokens before that star matched as early as possible, so another
 * place for them can't help the rest.
 *
 * @module
 */

import { encodeUtf8 } from "../bytes/utf8.ts";

const STAR = 0x2a;
const QUESTION_MARK = 0x3f;

/** A pattern of tokens. Items are the bytes of a text, or the components of a path: the caller decides. */
export interface StarPattern {
  readonly tokens: number;
  /** Whether the token stands for any number of items, zero included. */
  isStar(token: number): boolean;
  /** Whether the token, which is not a star, stands for this item. */
  accepts(token: number, item: number): boolean;
}

/**
 * Whether a pattern matches a whole sequence of `items` items. Asks the pattern at most
 * `2 * (tokens + 1) * (items + 1)` questions: each token is asked about each item once.
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
      // The last star takes one item more, and the tokens after it start again.
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
 * Whether a pattern matches a whole text. `*` stands for any bytes of UTF-8, `?` for one byte, as in OpenSSH
 * and git. Every other character stands for itself. Both texts must be well-formed.
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
