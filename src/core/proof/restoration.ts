/**
 * Compares the manifests of the scratch folders before and after a run, and reads and writes the result in a proof
 * (PROTOCOL 10, `restoration_result`).
 *
 * @module
 */

import { type Crypto, matchesDigest } from "../bytes/crypto.ts";
import { type HexDigest, isHexDigest } from "../bytes/hex.ts";
import { byPath } from "../bytes/listing.ts";
import { hasExactly, isJsonObject, type JsonObject, type JsonValue, jsonObject } from "../json/json-value.ts";

/** All results of the comparison. */
const RESTORATION_CONDITIONS = [
  "RESTORED_IDENTICAL",
  "RESTORATION_FAILED_HASH_MISMATCH",
  "RESTORATION_FAILED_MISSING_FILES",
  "RESTORATION_FAILED_EXTRA_FILES",
  "RESTORATION_FAILED_DOMAIN_UNREACHABLE",
] as const;

const MISMATCHES = ["missing", "extra", "hash_mismatch"] as const;

/** One result. Only the first is a success. */
export type RestorationCondition = (typeof RESTORATION_CONDITIONS)[number];

/**
 * One file that is not as before the run. A path that exists but has no digest, such as a link, is `extra` or
 * `hash_mismatch` without `actual`.
 */
export interface Mismatch {
  readonly path: string;
  readonly type: (typeof MISMATCHES)[number];
  /** The digest before; undefined for an extra file. */
  readonly expected?: HexDigest | undefined;
  /** The digest after; undefined for a missing file. */
  readonly actual?: HexDigest | undefined;
}

/** The result of a comparison. */
export interface Restoration {
  readonly condition: RestorationCondition;
  /** Missing, then extra, then changed files, each in byte order of path. Empty if nothing differs. */
  readonly mismatches: readonly Mismatch[];
}

/** The files of a state: path to digest. */
export type FileManifest = ReadonlyMap<string, HexDigest>;

/** Two states to compare. */
export interface ComparedStates {
  readonly before: FileManifest;
  readonly after: FileManifest;
  /** Paths that exist after the run but have no digest, such as links. */
  readonly undigested: ReadonlySet<string>;
  /** Whether a folder, or an entry in it, could not be read after the run. */
  readonly unreachable: boolean;
}

/**
 * Compares two states. With several kinds of mismatch, the condition names changed files first, then missing,
 * then extra ones. An unreachable entry comes before all of these, because its state is unknown.
 */
export function compareStates(states: ComparedStates, crypto: Crypto): Restoration {
  const { before, after, undigested, unreachable } = states;
  const missing: Mismatch[] = [];
  const extra: Mismatch[] = [];
  const changed: Mismatch[] = [];
  for (const [path, expected] of before) {
    const actual = after.get(path);
    if (undigested.has(path)) changed.push({ path, type: "hash_mismatch", expected });
    else if (actual === undefined) missing.push({ path, type: "missing", expected });
    else if (!matchesDigest(expected, actual, crypto)) {
      changed.push({ path, type: "hash_mismatch", expected, actual });
    }
  }
  for (const [path, actual] of after) if (!before.has(path)) extra.push({ path, type: "extra", actual });
  for (const path of undigested) if (!before.has(path)) extra.push({ path, type: "extra" });
  const mismatches = [missing, extra, changed].flatMap((kind) => kind.sort(byPath));
  if (unreachable) return { condition: "RESTORATION_FAILED_DOMAIN_UNREACHABLE", mismatches };
  if (changed.length > 0) return { condition: "RESTORATION_FAILED_HASH_MISMATCH", mismatches };
  if (missing.length > 0) return { condition: "RESTORATION_FAILED_MISSING_FILES", mismatches };
  if (extra.length > 0) return { condition: "RESTORATION_FAILED_EXTRA_FILES", mismatches };
  return { condition: "RESTORED_IDENTICAL", mismatches };
}

/** The result as JSON of PROOF.json. Omits `mismatches` if nothing differs. */
export function restorationObject({ condition, mismatches }: Restoration): JsonObject {
  const verified = condition === "RESTORED_IDENTICAL";
  return jsonObject({
    verified,
    condition,
    mismatches: verified ? undefined : mismatches.map(mismatchObject),
  });
}

/**
 * Parses a `restoration_result`. Gives `undefined` for other members, a `verified` that contradicts the
 * condition, a failure without `mismatches`, or a success with some.
 */
export function parseRestoration(value: JsonValue | undefined): Restoration | undefined {
  if (!isJsonObject(value) || !hasExactly(value, ["verified", "condition"], ["mismatches"])) return undefined;
  const condition = RESTORATION_CONDITIONS.find((known) => known === value.get("condition"));
  const verified = condition === "RESTORED_IDENTICAL";
  if (condition === undefined || value.get("verified") !== verified) return undefined;
  const listed = verified && !value.has("mismatches") ? [] : value.get("mismatches");
  if (!Array.isArray(listed) || (verified && listed.length > 0)) return undefined;
  const mismatches: Mismatch[] = [];
  for (const item of listed) {
    const mismatch = parseMismatch(item);
    if (mismatch === undefined) return undefined;
    mismatches.push(mismatch);
  }
  return { condition, mismatches };
}

function parseMismatch(value: JsonValue): Mismatch | undefined {
  if (!isJsonObject(value)) return undefined;
  if (!hasExactly(value, ["path", "type"], ["expected_hash", "actual_hash"])) return undefined;
  const path = value.get("path");
  const type = MISMATCHES.find((known) => known === value.get("type"));
  const expected = value.get("expected_hash");
  const actual = value.get("actual_hash");
  if (typeof path !== "string" || type === undefined) return undefined;
  if (expected !== undefined && (type === "extra" || !isHexDigest(expected))) return undefined;
  if (actual !== undefined && (type === "missing" || !isHexDigest(actual))) return undefined;
  return { path, type, expected, actual };
}

function mismatchObject({ path, type, expected, actual }: Mismatch): JsonObject {
  return jsonObject({ path, type, expected_hash: expected, actual_hash: actual });
}
