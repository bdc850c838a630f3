/**
 * Revokes keys in a trust file: adds the option `revoked` to the lines of the keys, and keeps every other byte.
 *
 * @module
 */

import { concatBytes } from "../bytes/bytes.ts";
import { decodeUtf8, encodeUtf8 } from "../bytes/utf8.ts";
import { splitTrustBytes } from "./trust-edit.ts";
import { splitOutsideQuotes } from "./trust-line.ts";

/**
 * Revokes these lines: for every moment, or from `moment` on, written as in a trust file. Each line must be a
 * signer's line that `parseTrustFile` accepts.
 */
export function revokeTrustLines(
  bytes: Uint8Array,
  numbers: ReadonlySet<number>,
  moment: string | undefined,
): Uint8Array {
  const option = moment === undefined ? "revoked" : `revoked="${moment}"`;
  const edited = splitTrustBytes(bytes).map((line, index) => {
    if (!numbers.has(index + 1)) return line;
    const text = decodeUtf8(line);
    if (text === undefined) throw new TypeError("a line that was parsed is UTF-8");
    return encodeUtf8(revokeLine(text, option));
  });
  return concatBytes(edited);
}

/** Revokes one line: names, perhaps options, a key type, a key and a comment, separated by white space. */
function revokeLine(text: string, option: string): string {
  const start = /^\s*/.exec(text)?.[0].length ?? 0;
  const names = splitOutsideQuotes(text.slice(start), /\s/)?.[0] ?? "";
  const end = start + names.length;
  const gap = /^\s*/.exec(text.slice(end))?.[0] ?? "";
  const rest = text.slice(end + gap.length);
  const [field = ""] = splitOutsideQuotes(rest, /\s/) ?? [];
  const head = text.slice(0, end);
  if (field === "ssh-ed25519" || field === "runseal-ed25519") return `${head} ${option}${gap}${rest}`;
  const others = (splitOutsideQuotes(field, /,/) ?? []).filter((other) => !/^revoked(?:=|$)/i.test(other));
  return `${head}${gap}${[option, ...others].join(",")}${rest.slice(field.length)}`;
}
