/**
 * Timestamp authorities of a trust file (PROTOCOL 17): `[tsa NAME sha256:<64 hex> valid-after=… valid-before=…]`.
 *
 * The digest is that of a DER certificate in the token: of the signer, or of one of its issuers. The brackets keep the line from
 * being taken for a signer whose name is `tsa`.
 *
 * @module
 */

import { type HexDigest, isHexDigest } from "../../system/bytes/hex.ts";
import { parseMoment, splitOutsideQuotes } from "./trust-line.ts";

/** A line that trusts a timestamp authority. */
export interface TrustAuthority {
  /** 1 for the first line. */
  readonly line: number;
  readonly name: string;
  /** SHA-256 of the certificate in DER, 64 lowercase hex. */
  readonly certificate: HexDigest;
  /** Seconds since 1970, inclusive: tokens with an earlier time do not hold. */
  readonly validAfter: number | undefined;
  /** Seconds since 1970, exclusive. */
  readonly validBefore: number | undefined;
}

const OPTION = /^(valid-after|valid-before)=(.*)$/i;
const DIGEST_PREFIX = "sha256:";

/** Whether a line names an authority. */
export function isAuthority(content: string): boolean {
  return /^\s*\[\s*tsa(?:\s|\])/.test(content);
}

/** Parses such a line. Gives the reason if it is malformed. */
export function parseAuthority(content: string, line: number): TrustAuthority | "authority" | "moment" {
  const inner = /^\s*\[(.*)\]\s*$/s.exec(content)?.[1];
  const fields = splitOutsideQuotes(inner ?? "", /\s/)?.filter((field) => field !== "") ?? [];
  const [word, written = "", digest = "", ...options] = fields;
  const name = written.replaceAll('"', "");
  const certificate = digest.startsWith(DIGEST_PREFIX) ? digest.slice(DIGEST_PREFIX.length) : "";
  if (inner === undefined || word !== "tsa" || name === "" || !isHexDigest(certificate)) return "authority";
  const window = { validAfter: undefined, validBefore: undefined } as {
    validAfter: number | undefined;
    validBefore: number | undefined;
  };
  for (const option of options) {
    const [, key = "", value = ""] = OPTION.exec(option) ?? [];
    const member = key.toLowerCase() === "valid-after" ? "validAfter" : "validBefore";
    // An unknown option may restrict the trust. One that occurs twice may mean either value.
    if (key === "" || window[member] !== undefined) return "authority";
    window[member] = parseMoment(value.replaceAll('"', ""));
    if (window[member] === undefined) return "moment";
  }
  return { line, name, certificate, ...window };
}
