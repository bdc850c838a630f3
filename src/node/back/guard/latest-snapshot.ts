/**
 * The latest snapshot in the history of a guard, from HEAD backwards. Its signature and root are checked, because a snapshot that is equal
 * to it is not sealed.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { boundTree, type FileColumns, type HexDigest, type JsonValue } from "../../../core/internal.ts";
import { inspectRun } from "../../judge/history/inspect-run.ts";
import type { ProjectHead } from "../../records/project/head-file.ts";
import { findByRoot, openRuns } from "../../records/project/run-links.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { isSameDigest } from "../../system/runtime/node-crypto.ts";
import { readSnapshotTask } from "./snapshot-task.ts";

/** Bundles between HEAD and the latest snapshot. A run's bundle comes after its snapshot, and a revert's after its own. */
const MOST_STEPS = 64;

/** A snapshot whose artifacts hold. Its signer is not judged. */
export interface ReadSnapshot {
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  /** RFC 3339, UTC, whole seconds. */
  readonly sealedAt: string;
  /** As `digestFiles` gives it; undefined for a bundle whose list is not as runseal writes it. */
  readonly files: Uint8Array | undefined;
  /** What the signature names as the digest of OUTPUT_TREE.json. */
  readonly treeDigest: JsonValue;
}

/** Finds the latest snapshot at or before a head; `undefined` if there is none. `own` is the project's own folder. Throws what the system says. */
export function findLatestSnapshot(
  own: AnchoredDir,
  head: ProjectHead | undefined,
): ReadSnapshot | undefined {
  if (head === undefined) return undefined;
  using runs = openRuns(own);
  if (runs === undefined) return undefined;
  let [runId, root]: [string | undefined, HexDigest | undefined] = [head.runId, head.bundleRoot];
  for (let step = 0; step < MOST_STEPS && runId !== undefined && root !== undefined; step++) {
    const { failure, run, sealed } = inspectRun(runs.address(runId));
    if (failure !== undefined || sealed === undefined || !isSameDigest(run.bundleRoot, root))
      return undefined;
    const found = snapshotOf(runId, root, { run, sealed });
    if (found !== undefined) return found;
    root = run.previousBundleRoot;
    runId = root && findRun(own, runs, runId, root);
  }
  return undefined;
}

function snapshotOf(
  runId: string,
  bundleRoot: HexDigest,
  { run, sealed }: Required<Pick<ReturnType<typeof inspectRun>, "run" | "sealed">>,
): ReadSnapshot | undefined {
  const treeDigest = sealed && boundTree(sealed.status);
  const isSnapshot = sealed && readSnapshotTask(sealed.taskSpec) !== undefined;
  if (sealed?.treeBinding === undefined || !isSnapshot || treeDigest === undefined) return undefined;
  const { table } = sealed.treeBinding;
  return {
    runId,
    bundleRoot,
    sealedAt: run.sealedAt ?? "",
    files: table.isSorted && table.declares(0, table.size) ? digestFiles(table.columns) : undefined,
    treeDigest,
  };
}

/** Identifies files by their paths and digests: the list of a million of them need not be held until it is compared. */
export function digestFiles({ digests, length, pathBytes, pathStarts }: FileColumns): Uint8Array {
  const sum = createHash("sha256").update(Uint32Array.of(length)).update(pathStarts);
  return sum.update(pathBytes).update(digests).digest();
}

/** The bundle before a run is mostly its own snapshot. Otherwise the links of all bundles are read. */
function findRun(own: AnchoredDir, runs: AnchoredDir, after: string, root: HexDigest): string | undefined {
  for (const name of [`${after}.after`, `${after}.before`]) {
    if (runs.has(name) && isSameDigest(inspectRun(runs.address(name)).run.bundleRoot, root)) return name;
  }
  return findByRoot(own, root);
}
