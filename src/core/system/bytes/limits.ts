/**
 * All limits, each with its unit and reason (PROTOCOL 15). Input beyond a limit is malformed, and the
 * message names the limit. So a hostile bundle costs its reader little.
 *
 * @module
 */

/** Nested arrays and objects in an artifact. Enough for any honest task spec, and few enough for any stack. */
export const MAX_DEPTH = 512;

/** Decimal digits of one integer. Python has the same limit, so that both read the same bundles. */
export const MAX_INTEGER_DIGITS = 4300;

/** Members of one object. A `Map` of V8 throws at one more. */
export const MAX_MEMBERS: number = 2 ** 24;

/**
 * Values in one artifact, without the names of members. Enough for 5,000,000 entries in both states of a
 * proof. Without a limit, 64 MiB of `1,1,1,…` would take gigabytes of memory.
 */
export const MAX_VALUES = 12_000_000;

/** Objects and arrays in one artifact. Each takes a hundred times the memory of its two characters. */
export const MAX_CONTAINERS = 1_000_000;

/** Bytes of an output path in UTF-8. PATH_MAX on Linux. */
export const MAX_PATH_BYTES = 4096;

/** Bytes of one component of an output path in UTF-8. NAME_MAX on every file system in use. */
export const MAX_COMPONENT_BYTES = 255;

/** Steps of a membership proof. No tree has more than 2^64 leaves. */
export const MAX_MEMBERSHIP_STEPS = 64;

/** Characters of untrusted text shown at once. Every lawful path fits; a name of a megabyte is cut. */
export const MAX_QUOTED_CHARACTERS = 4096;

/** Bytes of a trust file. Enough for tens of thousands of signers. */
export const MAX_TRUST_FILE_BYTES: number = 16 * 1024 * 1024;

/** Bytes of one line of a trust file, without its end. Enough for thousands of names in a threshold, all of which a reason may repeat. */
export const MAX_TRUST_LINE_BYTES: number = 64 * 1024;

/** Lines of a trust file, comments and blank lines included. More than the signers of the largest file need. */
export const MAX_TRUST_LINES = 500_000;

/** Names in all signers' lines of a trust file together. Each threshold may read all of them. */
export const MAX_TRUST_NAMES = 500_000;

/** Thresholds of a trust file. Together with the limit on names, keeps them below some tens of millions of steps. */
export const MAX_TRUST_THRESHOLDS = 64;

/** Lines of a trust file that list one key. Each of them is evaluated for each of thousands of countersignatures. */
export const MAX_TRUST_LINES_OF_KEY = 64;

/** Patterns of the option `namespaces` in one line. A key has only a few uses. */
export const MAX_LINE_PATTERNS = 64;

/** Bytes of one pattern in UTF-8. No namespace is longer. A match takes this many steps for each byte of the text. */
export const MAX_PATTERN_BYTES = 1024;

/** Bytes of COUNTERSIGNATURES.json. Enough for 3000 countersigners, whose check takes a fraction of a second. */
export const MAX_COUNTERSIGNATURES_BYTES: number = 1024 * 1024;

/** Lines of a trust file that name a timestamp authority. Each token is compared with all of them. */
export const MAX_TRUST_AUTHORITIES = 64;

/** Tokens of TIMESTAMPS.json. One of a trusted authority is enough; more are for other readers' policies. */
export const MAX_TIMESTAMPS = 16;

/** Bytes of one token in DER. A token with a chain of RSA certificates has a tenth of that. */
export const MAX_TIMESTAMP_BYTES: number = 64 * 1024;

/** Bytes of TIMESTAMPS.json: the most tokens of the most bytes in base64, and what is around them. */
export const MAX_TIMESTAMPS_BYTES: number =
  MAX_TIMESTAMPS * (Math.ceil(MAX_TIMESTAMP_BYTES / 3) * 4 + 3) + 32;

/** Bytes of OUTPUTS_ROOT.json. Only the run id varies in length, and it is a folder's name. */
export const MAX_OUTPUTS_ROOT_BYTES: number = 16 * 1024;

/** Bytes of a proof of files. Enough for tens of thousands of files; a proof of more is larger than its bundle. */
export const MAX_FILE_PROOF_BYTES: number = 64 * 1024 * 1024;

/** Bytes of an envelope or a signature file of another tool. What it says of half a million files fits, and parses in seconds. */
export const MAX_EVIDENCE_BYTES: number = 100 * 1024 * 1024;

/** Bytes of a signed list of digests. A million lines of 200 characters fit. */
export const MAX_EVIDENCE_LIST_BYTES: number = 256 * 1024 * 1024;

/** Files that one statement or list may be about. */
export const MAX_EVIDENCE_SUBJECTS = 1_000_000;

/** Keys that a signature without a key of its own is tried with. Each costs a tenth of a millisecond, or a hundred MB of hashing. */
export const MAX_EVIDENCE_KEYS = 256;

/** Limits that a caller of the library may override. */
export interface Limits {
  /** Bytes of each other artifact. */
  readonly artifactBytes: number;
  /** Bytes of OUTPUT_HASHES.json and PROOF.json, which grow with the number of files. */
  readonly manifestBytes: number;
  /** Entries of OUTPUT_HASHES.json. */
  readonly entries: number;
  /** Bundles in one chain. */
  readonly runs: number;
}

/** The protocol's defaults. */
export const DEFAULT_LIMITS: Limits = {
  artifactBytes: 64 * 1024 * 1024,
  manifestBytes: 1024 * 1024 * 1024,
  entries: 5_000_000,
  runs: 1_000_000,
};
