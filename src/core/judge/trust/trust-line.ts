/**
 * One signer's line of a trust file (PROTOCOL 12): names, options, a key.
 *
 * @module
 */

import { parsePublicKey } from "../../records/artifacts/identity.ts";
import { parseSshKey } from "../../records/artifacts/ssh-key.ts";
import type { Crypto } from "../../system/bytes/crypto.ts";
import { toHex } from "../../system/bytes/hex.ts";
import { MAX_LINE_PATTERNS, MAX_PATTERN_BYTES } from "../../system/bytes/limits.ts";
import { secondsOf } from "../../system/bytes/utc-time.ts";
import { utf8Length } from "../../system/bytes/utf8.ts";
import type { TrustTextReason } from "./trust-text.ts";

/** One line of a trust file. */
export interface TrustLine {
  /** 1 for the first line. */
  readonly line: number;
  readonly names: readonly string[];
  /** 64 lowercase hex characters. */
  readonly publicKeyHex: string;
  /** Seconds since 1970, inclusive. */
  readonly validAfter: number | undefined;
  /** Seconds since 1970, exclusive. */
  readonly validBefore: number | undefined;
  /** Undefined if the line holds for every namespace. */
  readonly namespaces: readonly string[] | undefined;
  readonly revoked: boolean;
  /** Seconds since 1970, inclusive; undefined if a revocation holds for every moment. */
  readonly revokedAt: number | undefined;
  /** The line trusts bound bundles only (PROTOCOL 11). */
  readonly boundOnly: boolean;
}

/** Why a line is malformed. */
export type TrustLineReason =
  | TrustTextReason
  | "not-utf8"
  | "no-key"
  | "key-type"
  | "key"
  | "option"
  | "moment"
  | "quotes"
  | "too-many-patterns"
  | "pattern-too-long"
  | "too-many-names"
  | "too-many-thresholds"
  | "too-many-lines-of-key"
  /** Not `[tsa NAME sha256:<64 hex> …]`. */
  | "authority"
  | "too-many-authorities"
  /** Not `[require N of name,name…]`. */
  | "threshold"
  /** More signers are required than there are. */
  | "threshold-count"
  /** A required name is not a signer of the file. */
  | "threshold-name";

/** The options of a line without options. */
export const UNRESTRICTED: Omit<TrustLine, "line" | "names" | "publicKeyHex"> = {
  validAfter: undefined,
  validBefore: undefined,
  namespaces: undefined,
  revoked: false,
  revokedAt: undefined,
  boundOnly: false,
};

type MutableOptions = {
  -readonly [Key in keyof Omit<TrustLine, "line" | "names" | "publicKeyHex">]: TrustLine[Key];
};

/**
 * Parses a key: 64 lowercase hex, `runseal-ed25519 HEX` or `ssh-ed25519 AAAA…`, with or without a comment. Gives
 * 64 lowercase hex, or `undefined` for anything else.
 */
export function parseKeyText(text: string, crypto: Crypto): string | undefined {
  const [first = "", second] = text.trim().split(/\s+/);
  return second === undefined
    ? parsePublicKey(first, crypto)?.publicKeyHex
    : parseTypedKey(first, second, crypto);
}

/** Parses a line that is not blank, a comment or a threshold. Gives the reason if it is malformed. */
export function parseTrustLine(content: string, line: number, crypto: Crypto): TrustLine | TrustLineReason {
  const fields = splitOutsideQuotes(content, /\s/);
  if (fields === undefined) return "quotes";
  const [names = "", ...rest] = fields.filter((field) => field !== "");
  const hasOptions = !isKeyType(rest[0]);
  const [keyType, key] = hasOptions ? rest.slice(1) : rest;
  if (keyType === undefined || key === undefined) return "no-key";
  if (!isKeyType(keyType)) return "key-type";
  const options = parseOptions(hasOptions ? (splitOutsideQuotes(rest[0] ?? "", /,/) ?? []) : []);
  if (typeof options === "string") return options;
  const publicKeyHex = parseTypedKey(keyType, key, crypto);
  if (publicKeyHex === undefined) return "key";
  return { line, names: splitNames(names), publicKeyHex, ...options };
}

function isKeyType(field: string | undefined): boolean {
  return field === "ssh-ed25519" || field === "runseal-ed25519";
}

function parseTypedKey(keyType: string, key: string, crypto: Crypto): string | undefined {
  if (keyType === "runseal-ed25519") return parsePublicKey(key, crypto)?.publicKeyHex;
  const bytes = keyType === "ssh-ed25519" ? parseSshKey(key) : undefined;
  return bytes === undefined ? undefined : parsePublicKey(toHex(bytes), crypto)?.publicKeyHex;
}

function parseOptions(fields: readonly string[]): MutableOptions | TrustLineReason {
  const options: MutableOptions = { ...UNRESTRICTED };
  const seen = new Set<string>();
  for (const option of fields) {
    const [written = "", quoted] = option.split(/=(.*)/s);
    const name = written.toLowerCase();
    // A person may mean either of two values. OpenSSH refuses an option that occurs twice too.
    if (seen.has(name)) return "option";
    seen.add(name);
    const reason = setOption(options, name, quoted === undefined ? undefined : unquote(quoted));
    if (reason !== undefined) return reason;
  }
  return options;
}

function setOption(
  options: MutableOptions,
  name: string,
  value: string | undefined,
): TrustLineReason | undefined {
  const moment = value === undefined ? undefined : parseMoment(value);
  switch (name) {
    case "valid-after":
      options.validAfter = moment;
      return moment === undefined ? "moment" : undefined;
    case "valid-before":
      options.validBefore = moment;
      return moment === undefined ? "moment" : undefined;
    case "namespaces":
      options.namespaces = value?.split(",");
      return options.namespaces === undefined ? "option" : findPatternBreach(options.namespaces);
    case "revoked":
      options.revoked = true;
      options.revokedAt = moment;
      return value !== undefined && moment === undefined ? "moment" : undefined;
    case "bound":
      options.boundOnly = true;
      return value === undefined ? undefined : "option";
    default:
      // An unknown option may restrict the trust, so it can't be ignored.
      return "option";
  }
}

function findPatternBreach(patterns: readonly string[]): TrustLineReason | undefined {
  if (patterns.length > MAX_LINE_PATTERNS) return "too-many-patterns";
  return patterns.some((pattern) => utf8Length(pattern) > MAX_PATTERN_BYTES) ? "pattern-too-long" : undefined;
}

/** Parses YYYYMMDD or YYYYMMDDHHMM[SS], with or without Z, into seconds since 1970. Always UTC, so that all machines agree. */
export function parseMoment(text: string): number | undefined {
  return secondsOf(/^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?Z?$/.exec(text));
}

/** Splits names at commas. Any part may be in quotes. */
export function splitNames(text: string): readonly string[] {
  return unquote(text).split(",");
}

/** Splits a text at separators outside double quotes. Gives `undefined` if a quote is not closed. */
export function splitOutsideQuotes(text: string, separator: RegExp): readonly string[] | undefined {
  const pieces: string[] = [];
  let start = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (character === '"') quoted = !quoted;
    if (quoted || !separator.test(character)) continue;
    pieces.push(text.slice(start, index));
    start = index + 1;
  }
  return quoted ? undefined : [...pieces, text.slice(start)];
}

function unquote(text: string): string {
  return text.replaceAll('"', "");
}
