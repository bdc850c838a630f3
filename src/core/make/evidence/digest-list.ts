/**
 * Lists of digests as `sha256sum` (GNU coreutils 9.7) and BSD's `sha256` print them.
 *
 *     9f86d081…0a08  dist/app.js                GNU, checked by `sha256sum -c`
 *     \9f86d081…0a08  a\nb                      GNU, of a name with a line feed
 *     SHA256 (dist/app.js) = 9f86d081…0a08      BSD, checked by `signify -C`
 *
 * @module
 */

import type { HexDigest } from "../../system/bytes/hex.ts";
import { utf8Length } from "../../system/bytes/utf8.ts";
import { GrowingTexts } from "../../system/json/growing-texts.ts";

/** One line of a list: a path, well-formed, and the SHA-256 of its file. */
export interface DigestRow {
  readonly path: string;
  readonly digest: HexDigest;
}

/**
 * Writes rows as `sha256sum` prints them, byte for byte: two spaces before the name. A name with a backslash, a line feed or a
 * carriage return is escaped, and a backslash begins its line.
 */
export function encodeSha256Sums(rows: Iterable<DigestRow>): Uint8Array {
  return encodeLines(rows, ({ digest, path }) => {
    if (!ESCAPED.test(path)) return `${digest}  ${path}\n`;
    return `\\${digest}  ${path.replace(EACH_ESCAPED, escapeCharacter)}\n`;
  });
}

/** Whether `sha256sum --check` takes a name from a list for a file: it reads standard input for `-`. */
export function isSumsName(path: string): boolean {
  return path !== "-";
}

/**
 * Writes rows in the form of BSD. The form has no escapes: call `isBsdName` for each path before. Throws a RangeError for a path
 * that it can't express, which is a bug.
 */
export function encodeBsdSums(rows: Iterable<DigestRow>): Uint8Array {
  return encodeLines(rows, ({ digest, path }) => {
    if (!isBsdName(path)) throw new RangeError("a name that the form can't express was refused before");
    return `SHA256 (${path}) = ${digest}\n`;
  });
}

/** Bytes of a name that `signify -C` reads: it keeps names in a buffer of 1,024. */
const MAX_BSD_NAME_BYTES = 1023;

/**
 * Whether `signify -C` reads a name from a list as it was written: no control character, no `)`, at most 1,023 bytes. It prints names
 * as they are, so a carriage return could hide another name on the terminal.
 */
export function isBsdName(path: string): boolean {
  return path !== "" && !UNWRITABLE.test(path) && utf8Length(path) <= MAX_BSD_NAME_BYTES;
}

const ESCAPED = /[\\\n\r]/;
const EACH_ESCAPED = /[\\\n\r]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the control characters are what the form can't express.
const UNWRITABLE = /[\u0000-\u001f\u007f-\u009f)]/;

function escapeCharacter(character: string): string {
  if (character === "\n") return "\\n";
  return character === "\r" ? "\\r" : "\\\\";
}

/** Encodes lines one by one: all of them as one text would take twice the memory. */
function encodeLines(rows: Iterable<DigestRow>, lineOf: (row: DigestRow) => string): Uint8Array {
  const lines = new GrowingTexts();
  for (const row of rows) lines.add(lineOf(row));
  return lines.laidOut().bytes;
}
