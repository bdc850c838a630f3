/**
 * Edits a trust file and keeps everything else in it: comments, blank lines, line ends and every other byte. As
 * in `splitTrustLines`, a line ends after each LF.
 *
 * @module
 */

import { concatBytes } from "../../system/bytes/bytes.ts";
import type { Crypto } from "../../system/bytes/crypto.ts";
import { MAX_TRUST_LINE_BYTES } from "../../system/bytes/limits.ts";
import { decodeUtf8, encodeUtf8, isWellFormed, utf8Length } from "../../system/bytes/utf8.ts";
import { quoteIfNeeded } from "../../system/paths/quote.ts";
import { parseAuthority, type TrustAuthority } from "./trust-authority.ts";
import {
  parseKeyText,
  parseMoment,
  parseTrustLine,
  splitOutsideQuotes,
  type TrustLine,
} from "./trust-line.ts";
import { parseThreshold, type WrittenThreshold } from "./trust-threshold.ts";

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** A signer to add, as the caller writes it. */
export interface NewTrustLine {
  /** `name[,name]` */
  readonly names: string;
  /** A key in a form that `parseKeyText` reads. */
  readonly key: string;
  /** YYYYMMDD or YYYYMMDDHHMM[SS] */
  readonly validAfter?: string | undefined;
  readonly validBefore?: string | undefined;
  /** `pattern[,pattern]` */
  readonly namespaces?: string | undefined;
  readonly bound?: boolean | undefined;
}

/** The part of a new line that can't be written. */
export type NewTrustLineBreach =
  | "name"
  | "key"
  | "valid-after"
  | "valid-before"
  | "namespaces"
  /** The whole line is longer than the limit. */
  | "too-long";

/** Writes a new line, or gives the part that can't be written. */
export function writeTrustLine(
  added: NewTrustLine,
  crypto: Crypto,
): { readonly text: string; readonly line: TrustLine } | NewTrustLineBreach {
  const { bound, key, namespaces, validAfter, validBefore } = added;
  if (!added.names.split(",").every(isPlainName)) return "name";
  if (parseKeyText(key, crypto) === undefined) return "key";
  if (namespaces !== undefined && !/^[!#-~]+$/.test(namespaces)) return "namespaces";
  const options = [
    ...(validAfter === undefined ? [] : [`valid-after="${validAfter}"`]),
    ...(validBefore === undefined ? [] : [`valid-before="${validBefore}"`]),
    ...(namespaces === undefined ? [] : [`namespaces="${namespaces}"`]),
    ...(bound === true ? ["bound"] : []),
  ].join(",");
  const text = [added.names, options, typedKey(key)].filter((field) => field !== "").join(" ");
  if (utf8Length(text) > MAX_TRUST_LINE_BYTES) return "too-long";
  const line = parseTrustLine(text, 1, crypto);
  if (typeof line !== "string") return { text, line };
  if (line === "too-many-patterns" || line === "pattern-too-long") return "namespaces";
  // Every other part was checked above, so a moment is wrong.
  const isMoment = (moment: string): boolean =>
    typeof parseTrustLine(`x valid-after="${moment}" ${typedKey(key)}`, 1, crypto) !== "string";
  return validAfter !== undefined && !isMoment(validAfter) ? "valid-after" : "valid-before";
}

/**
 * Adds a line at the end of a file. If the last line had no line end, the new one has none either, so that
 * `removeTrustLines` restores the same bytes.
 */
export function appendTrustLine(bytes: Uint8Array, text: string): Uint8Array {
  const last = bytes.at(-1);
  const end = lineEndOf(bytes);
  const line = encodeUtf8(text);
  if (last === undefined || last === LINE_FEED) return concatBytes([bytes, line, end]);
  // After a lone carriage return, a bare line feed would merge with it into one line end.
  return concatBytes([bytes, last === CARRIAGE_RETURN ? CRLF : end, line]);
}

/** Removes the lines with these numbers from a file. */
export function removeTrustLines(bytes: Uint8Array, numbers: ReadonlySet<number>): Uint8Array {
  const kept = splitTrustBytes(bytes).filter((_, index) => !numbers.has(index + 1));
  const result = concatBytes(kept);
  const endsOpen = bytes.length > 0 && bytes.at(-1) !== LINE_FEED;
  // If the last line had no line end, the new last line must have none either.
  return endsOpen && result.at(-1) === LINE_FEED ? withoutLineEnd(result) : result;
}

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

const LF = Uint8Array.of(LINE_FEED);
const CRLF = Uint8Array.of(CARRIAGE_RETURN, LINE_FEED);

/** Splits a file after each line feed. */
function splitTrustBytes(bytes: Uint8Array): readonly Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(LINE_FEED, start);
    const end = found < 0 ? bytes.length : found + 1;
    lines.push(bytes.subarray(start, end));
    start = end;
  }
  return lines;
}

/** The line end of the file's first line. */
function lineEndOf(bytes: Uint8Array): Uint8Array {
  return bytes[bytes.indexOf(LINE_FEED) - 1] === CARRIAGE_RETURN ? CRLF : LF;
}

function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, bytes.at(-2) === CARRIAGE_RETURN ? -2 : -1);
}

/**
 * Writes a new `[tsa …]` line, or gives the part that can't be written. `digest` is 64 lowercase hex of a certificate's
 * SHA-256.
 */
export function writeAuthority({
  digest,
  name,
  validAfter,
  validBefore,
}: NewAuthority): { readonly text: string; readonly authority: TrustAuthority } | NewAuthorityBreach {
  if (!isPlainName(name) || /[,\]]/.test(name)) return "name";
  if (validAfter !== undefined && parseMoment(validAfter) === undefined) return "valid-after";
  if (validBefore !== undefined && parseMoment(validBefore) === undefined) return "valid-before";
  const text = `[${[
    "tsa",
    name,
    `sha256:${digest}`,
    ...(validAfter === undefined ? [] : [`valid-after="${validAfter}"`]),
    ...(validBefore === undefined ? [] : [`valid-before="${validBefore}"`]),
  ].join(" ")}]`;
  if (utf8Length(text) > MAX_TRUST_LINE_BYTES) return "too-long";
  const authority = parseAuthority(text, 1);
  return typeof authority === "string" ? "digest" : { text, authority };
}

/** A timestamp authority to add, as the caller writes it. */
export interface NewAuthority {
  readonly name: string;
  /** 64 lowercase hex. */
  readonly digest: string;
  /** YYYYMMDD or YYYYMMDDHHMM[SS] */
  readonly validAfter?: string | undefined;
  readonly validBefore?: string | undefined;
}

/** Writes a new `[require …]` line for names with commas between; undefined where a part of it can't be written. */
export function writeThreshold(
  need: string,
  names: string,
): { readonly text: string; readonly threshold: WrittenThreshold } | undefined {
  const text = `[require ${need} of ${names}]`;
  const threshold = parseThreshold(text, 1);
  const isPlain = names.split(",").every(isPlainName) && !names.includes("]");
  return threshold === "threshold" || !isPlain ? undefined : { text, threshold };
}

/** The part of a new `[tsa …]` line that can't be written. */
export type NewAuthorityBreach = "name" | "digest" | "valid-after" | "valid-before" | "too-long";

/** Whether a name is not a comment, threshold or pattern, and has no character that a terminal or parser interprets. */
function isPlainName(name: string): boolean {
  return isWellFormed(name) && quoteIfNeeded(name) === name && !/^[#[-]|[\s!*?]/u.test(name);
}

/** The key as given, with its type and without its comment. */
function typedKey(key: string): string {
  const [first = "", second] = key.trim().split(/\s+/);
  return second === undefined ? `runseal-ed25519 ${first}` : `${first} ${second}`;
}
