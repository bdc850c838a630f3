/**
 * Matches texts with the untrusted patterns of a trust file, in bounded time. A pattern is never turned into a regular
 * expression, because a backtracking engine needs exponential time for `****…x`.
 *
 * @module
 */

import { encodeUtf8 } from "../bytes/utf8.ts";
import type { GlobToken } from "./glob-token.ts";
import { nameTest, TestedName } from "./name-glob.ts";

const STAR = 0x2a;
const QUESTION_MARK = 0x3f;

/**
 * Whether a pattern matches a whole text. `*` matches any bytes of UTF-8 and `?` one byte, as in OpenSSH and
 * git. Every other character matches itself. Both texts must be well-formed.
 */
export function matchesWildcards(pattern: string, text: string): boolean {
  const tokens = Array.from(encodeUtf8(pattern.replaceAll(/\*+/g, "*")), tokenOf);
  return nameTest(tokens)(new TestedName(text));
}

function tokenOf(byte: number): GlobToken {
  if (byte === STAR) return "star";
  return byte === QUESTION_MARK ? "any" : byte;
}
