/**
 * The latest snapshot in the history of a guard, from HEAD backwards. Its signature and root are checked, because a snapshot that is equal
 * to it is not sealed.
 *
 * @module
 */

import {
  boundTree,
  type HexDigest,
  type JsonValue,
  type OutputTable,
  type SignerIdentity,
} from "../../../core/internal.ts";
import { inspectRun } from "../../judge/history/inspect-run.ts";
import type { ProjectHead } from "../../records/project/head-file.ts";
import { findByRoot, openRuns } from "../../records/project/run-links.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { isSameDigest } from "../../system/runtime/node-crypto.ts";
import { type ReadTask, readSnapshotTask } from "./snapshot-task.ts";

/** Bundles between HEAD and the latest snapshot. A run's bundle comes after its snapshot, and a revert's after its own. */
const MOST_STEPS = 64;

/** A snapshot whose artifacts hold. Its signer is not judged. */
export interface ReadSnapshot {
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  readonly previousBundleRoot: HexDigest | undefined;
  /** RFC 3339, UTC, whole seconds. */
  readonly sealedAt: string;
  readonly signer: SignerIdentity;
  readonly task: ReadTask;
  readonly table: OutputTable;
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
  const task = sealed && readSnapshotTask(sealed.taskSpec);
  const treeDigest = sealed && boundTree(sealed.status);
  if (sealed?.treeBinding === undefined || task === undefined || treeDigest === undefined) return undefined;
  return {
    runId,
    bundleRoot,
    previousBundleRoot: run.previousBundleRoot,
    sealedAt: run.sealedAt ?? "",
    signer: sealed.signer,
    task,
    table: sealed.treeBinding.table,
    treeDigest,
  };
}

/** The bundle before a run is mostly its own snapshot. Otherwise the links of all bundles are read. */
function findRun(own: AnchoredDir, runs: AnchoredDir, after: string, root: HexDigest): string | undefined {
  for (const name of [`${after}.after`, `${after}.before`]) {
    if (runs.has(name) && isSameDigest(inspectRun(runs.address(name)).run.bundleRoot, root)) return name;
  }
  return findByRoot(own, root);
}
