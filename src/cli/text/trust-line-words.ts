/** Words for lines of a trust file. @module */

import {
  MAX_LINE_PATTERNS,
  MAX_PATTERN_BYTES,
  MAX_TRUST_AUTHORITIES,
  MAX_TRUST_LINE_BYTES,
  MAX_TRUST_LINES,
  MAX_TRUST_LINES_OF_KEY,
  MAX_TRUST_NAMES,
  MAX_TRUST_THRESHOLDS,
  quoteIfNeeded,
  type TrustLineReason,
} from "../../core/internal.ts";
import { countOf } from "../../core/system/bytes/count-text.ts";

const WORDS: Readonly<Record<TrustLineReason, string>> = {
  "not-utf8": "the file is not UTF-8",
  control: "there is a control character or a line separator that is neither TAB, LF nor CR LF",
  "line-too-long": `it is longer than ${countOf(MAX_TRUST_LINE_BYTES, "byte")}`,
  "too-many-lines": `the file has more than ${countOf(MAX_TRUST_LINES, "line")}`,
  "no-key": "there is no key",
  "key-type": "the key is neither ssh-ed25519 nor runseal-ed25519",
  key: "the key is malformed, or no private key can exist for it",
  option: "there is an option that runseal does not know",
  moment: "a moment is not YYYYMMDD or YYYYMMDDHHMM[SS]",
  quotes: "a quotation mark is not closed",
  "too-many-patterns": `it has more than ${countOf(MAX_LINE_PATTERNS, "namespace pattern")}`,
  "pattern-too-long": `a namespace pattern is longer than ${countOf(MAX_PATTERN_BYTES, "byte")}`,
  "too-many-names": `the file has more than ${countOf(MAX_TRUST_NAMES, "name")}`,
  "too-many-lines-of-key": `the file has more than ${countOf(MAX_TRUST_LINES_OF_KEY, "line")} for its key`,
  "too-many-thresholds": `the file has more than ${countOf(MAX_TRUST_THRESHOLDS, "[require …] line")}`,
  authority: "it is not [tsa NAME sha256:<64 hex> …] with valid-after= or valid-before=, each once",
  "too-many-authorities": `the file has more than ${countOf(MAX_TRUST_AUTHORITIES, "[tsa …] line")}`,
  threshold: "it is not [require N of name,name…]",
  "threshold-count": "it requires more signers than it names; names that share a key count as one",
  "threshold-name": "it names a signer that no line of the file lists",
};

/** Says why a line can't be read. */
export function trustLineWords(reason: TrustLineReason): string {
  return WORDS[reason];
}

/** The names of a signer. */
export function namesWords(names: readonly string[]): string {
  return names.map(quoteIfNeeded).join(",");
}
