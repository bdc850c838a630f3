/**
 * Every bound, with its unit and its reason (PROTOCOL 15). What lies beyond one is malformed, and the
 * message names the limit: a hostile bundle must cost its reader little.
 *
 * @module
 */

/** Nested arrays and objects in an artifact. Deep enough for any honest task spec, shallow enough for any stack. */
export const MAX_DEPTH = 512;

/** Decimal digits of one integer. Python's own bound, so that both read the same bundles. */
export const MAX_INTEGER_DIGITS = 4300;

/** Members of one object. What a `Map` of V8 can hold: one more and it throws. */
export const MAX_MEMBERS: number = 2 ** 24;

/**
 * Values in one artifact, names of members aside. Beyond what 5,000,000 entries in both states of a proof
 * need; 64 MiB of `1,1,1,…` must not cost gigabytes.
 */
export const MAX_VALUES = 12_000_000;

/** Objects and arrays in one artifact: each costs a hundred times its two characters. */
export const MAX_CONTAINERS = 1_000_000;

/** Bytes of an output path in UTF-8. PATH_MAX on Linux. */
export const MAX_PATH_BYTES = 4096;

/** Bytes of one component of an output path in UTF-8. NAME_MAX on every file system in use. */
export const MAX_COMPONENT_BYTES = 255;

/** Steps of a membership proof: more leaves than 2^64 no tree has. */
export const MAX_MEMBERSHIP_STEPS = 64;

/** Characters of a stranger's text shown at once. A long path still fits; a megabyte of name does not. */
export const MAX_QUOTED_CHARACTERS = 4096;

/** Bytes of a trust file. Tens of thousands of signers. */
export const MAX_TRUST_FILE_BYTES: number = 16 * 1024 * 1024;

/** Bytes of one line of a trust file, without its end. Thousands of names in a threshold; a reason may repeat them all. */
export const MAX_TRUST_LINE_BYTES: number = 64 * 1024;

/** Lines of a trust file, comments and blank lines among them. More than a file of the greatest size needs for its signers. */
export const MAX_TRUST_LINES = 500_000;

/** Names in all signers' lines of a trust file together. Each threshold may have to look at all of them. */
export const MAX_TRUST_NAMES = 500_000;

/** Thresholds of a trust file. Bounds their work together with the names: some tens of millions of steps. */
export const MAX_TRUST_THRESHOLDS = 64;

/** Lines of a trust file that list one key. Each of them decides about each of thousands of countersignatures. */
export const MAX_TRUST_LINES_OF_KEY = 64;

/** Patterns of the option `namespaces` in one line. A key has a handful of uses. */
export const MAX_LINE_PATTERNS = 64;

/** Bytes of one pattern in UTF-8. No namespace is longer; a match costs this many steps for each byte of the text. */
export const MAX_PATTERN_BYTES = 1024;

/** Bytes of COUNTERSIGNATURES.json. About 3000 countersigners, which are checked in a fraction of a second. */
export const MAX_COUNTERSIGNATURES_BYTES: number = 1024 * 1024;

/** Bytes of OUTPUTS_ROOT.json. Its members are of fixed length but for the run id, which is a folder's name. */
export const MAX_OUTPUTS_ROOT_BYTES: number = 16 * 1024;

/** Bytes of a proof of files. Tens of thousands of files of a large bundle; beyond, the bundle itself is smaller. */
export const MAX_FILE_PROOF_BYTES: number = 64 * 1024 * 1024;

/** Bounds that the caller of the library may override. */
export interface Limits {
  /** Bytes of an artifact other than the two below. */
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
