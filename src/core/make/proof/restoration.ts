/**
 * Compares the manifests of the scratch folders before and after a run, and reads and writes the result in a proof
 * (PROTOCOL 10, `restoration_result`).
 *
 * @module
 */

import { type Crypto, matchesDigest } from "../../system/bytes/crypto.ts";
import type { HexDigest } from "../../system/bytes/hex.ts";
import { byPath } from "../../system/bytes/listing.ts";
import {
  hasExactly,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  jsonObject,
} from "../../system/json/json-value.ts";
import { DIGEST, list, named, object, oneOf, optional, readAs, text } from "../../system/json/record.ts";

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

const MISMATCH = object<Required<Mismatch>>({
  path: text(),
  type: oneOf(MISMATCHES),
  expected: named("expected_hash", optional(DIGEST)),
  actual: named("actual_hash", optional(DIGEST)),
});

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
    mismatches: verified
      ? undefined
      : mismatches.map(({ actual, expected, ...mismatch }) =>
          MISMATCH.write({ ...mismatch, actual, expected }),
        ),
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
  const isEmpty = verified && !value.has("mismatches");
  const mismatches = isEmpty ? [] : readAs(list(MISMATCH), value.get("mismatches"));
  if (mismatches === undefined || (verified && mismatches.length > 0)) return undefined;
  const isOdd = ({ actual, expected, type }: Mismatch): boolean =>
    type === "extra" ? expected !== undefined : type === "missing" && actual !== undefined;
  return mismatches.some(isOdd) ? undefined : { condition, mismatches };
}
