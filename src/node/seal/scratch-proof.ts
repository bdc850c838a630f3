/**
 * PROOF.json: whether scratch folders were left as they were found (PROTOCOL 10).
 *
 * A seal's scratch folder is `.runseal/scratch` in the project. Where there is none, it is empty before
 * and after: a true statement, if a small one.
 *
 * @module
 */

import {
  compareUtf8,
  computeManifestRoot,
  type HexDigest,
  type JsonObject,
  type JsonValue,
  jsonObject,
  matchesDigest,
} from "../../core/index.ts";
import { nodeCrypto } from "../node-crypto.ts";
import type { RefusedPath } from "../operation-fault.ts";
import type { ScratchState } from "./scratch-state.ts";

/** The scratch folder of a project, relative to its root. */
export const SCRATCH_FOLDER = ".runseal/scratch";

/** How scratch folders were left, in the protocol's words. */
export type RestorationCondition =
  | "RESTORED_IDENTICAL"
  | `RESTORATION_FAILED_${"HASH_MISMATCH" | "MISSING_FILES" | "EXTRA_FILES" | "DOMAIN_UNREACHABLE"}`;

/** One difference between before and after. */
export interface ScratchDifference {
  /** Relative to the root. */
  readonly path: string;
  readonly type: "missing" | "extra" | "hash_mismatch";
  readonly expected?: HexDigest;
  readonly actual?: HexDigest;
  /** What it is, where it has no digest. */
  readonly reason?: RefusedPath["reason"];
}

/** What came of the comparison. */
export interface Restoration {
  readonly verified: boolean;
  readonly condition: RestorationCondition;
  /** Missing, then extra, then changed files, each in byte order. */
  readonly differences: readonly ScratchDifference[];
  /** Folders, and files in them, that could not be looked at when the command had ended; relative to the root. */
  readonly unreachable: readonly string[];
}

/** What a proof says, and the proof but for its link and its hash. */
export interface ScratchProof {
  readonly proof: JsonObject;
  readonly restoration: Restoration;
}

/**
 * Writes the proof of scratch folders before and after. What has no digest (a link, say) is a difference without
 * one; a folder that is gone, or can't be read, is unreachable, and that decides the condition.
 */
export function proveScratch(
  before: readonly ScratchState[],
  after: readonly ScratchState[],
  run: { readonly runId: string; readonly timestamp: string },
): ScratchProof {
  const restoration = compareScratch(before, after);
  const { condition, differences, verified } = restoration;
  const prefix = before.length > 1 ? 0 : (before[0]?.folder.length ?? -1) + 1;
  const mismatches = differences.map(
    ({ actual, expected, path, type }): JsonValue =>
      jsonObject({ path: path.slice(prefix), type, expected_hash: expected, actual_hash: actual }),
  );
  const proof = jsonObject({
    proof_version: "1.0.0",
    run_id: run.runId,
    timestamp: run.timestamp,
    catalytic_domains: before.map(({ folder }) => folder),
    pre_state: describeStates(before, prefix),
    post_state: describeStates(after, prefix),
    restoration_result: jsonObject({
      verified,
      condition,
      mismatches: mismatches.length === 0 ? undefined : mismatches,
    }),
  });
  return { proof, restoration };
}

function compareScratch(before: readonly ScratchState[], after: readonly ScratchState[]): Restoration {
  const pre = filesOf(before);
  const post = filesOf(after);
  const differences: ScratchDifference[] = [];
  for (const [path, expected] of pre) {
    if (!post.has(path)) differences.push({ path, type: "missing", expected });
  }
  const extra: ScratchDifference[] = after.flatMap(({ special }) =>
    special.map(({ path, reason }) => ({ path, type: "extra", reason }) as const),
  );
  for (const [path, actual] of post) if (!pre.has(path)) extra.push({ path, type: "extra", actual });
  differences.push(...extra.sort((left, right) => compareUtf8(left.path, right.path)));
  for (const [path, expected] of pre) {
    const actual = post.get(path);
    if (actual !== undefined && !matchesDigest(actual, expected, nodeCrypto)) {
      differences.push({ path, type: "hash_mismatch", expected, actual });
    }
  }
  const unreachable = findUnreachable(before, after);
  const condition = conditionOf(differences, unreachable);
  return { verified: condition === "RESTORED_IDENTICAL", condition, differences, unreachable };
}

/** A folder that was there and is not, and what can't be read: what is in them now, nobody can say. */
function findUnreachable(before: readonly ScratchState[], after: readonly ScratchState[]): readonly string[] {
  const lost = after.filter(({ isThere }, index) => !isThere && before[index]?.isThere === true);
  const unread = after.flatMap((state) => state.unread.map(({ path }) => path));
  return [...new Set([...lost.map(({ folder }) => folder), ...unread])].sort(compareUtf8);
}

function conditionOf(
  differences: readonly ScratchDifference[],
  unreachable: readonly string[],
): RestorationCondition {
  if (unreachable.length > 0) return "RESTORATION_FAILED_DOMAIN_UNREACHABLE";
  const types = new Set(differences.map(({ type }) => type));
  if (types.has("hash_mismatch")) return "RESTORATION_FAILED_HASH_MISMATCH";
  if (types.has("missing")) return "RESTORATION_FAILED_MISSING_FILES";
  return types.has("extra") ? "RESTORATION_FAILED_EXTRA_FILES" : "RESTORED_IDENTICAL";
}

/** Digests by path relative to the root, in byte order. */
function filesOf(states: readonly ScratchState[]): ReadonlyMap<string, HexDigest> {
  const all = states.flatMap(({ files, folder }) =>
    files.map(({ digest, path }): [string, HexDigest] => [`${folder}/${path}`, digest]),
  );
  return new Map(all.sort(([left], [right]) => compareUtf8(left, right)));
}

function describeStates(states: readonly ScratchState[], prefix: number): JsonObject {
  const entries = [...filesOf(states)].map(([path, digest]) => ({ path: path.slice(prefix), digest }));
  const root = computeManifestRoot(entries, nodeCrypto);
  if (!root.ok) throw new TypeError("a state holds lawful names only, each once");
  const manifest = new Map(entries.map(({ path, digest }) => [path, digest]));
  return jsonObject({ domain_root_hash: root.value, file_manifest: manifest });
}
