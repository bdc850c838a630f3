/**
 * The latest snapshot in the history of a guard, from HEAD backwards. Its signature and root are checked, because a snapshot that is equal
 * to it is not sealed. Of one that was checked or written before, and whose artifacts were not touched since, what it holds is remembered.
 *
 * @module
 */

import { createHash } from "node:crypto";
import {
  boundTree,
  digestToHex,
  type FileColumns,
  type HexDigest,
  isHexDigest,
} from "../../../core/internal.ts";
import { inspectRun, readClaims } from "../../judge/history/inspect-run.ts";
import type { ProjectHead } from "../../records/project/head-file.ts";
import { findByRoot, openRuns } from "../../records/project/run-links.ts";
import { type ObjectMemory, type ObjectStats, stateOf } from "../../records/store/object-memory.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { unlessRefused } from "../../system/runtime/machine-reason.ts";
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
  /** As `digestContents` gives it; undefined for a bundle whose list is not as runseal writes it. */
  readonly contents: HexDigest | undefined;
}

/** Finds the latest snapshot at or before a head; `undefined` if there is none. `own` is the project's own folder. Throws what the system says. */
export function findLatestSnapshot(
  own: AnchoredDir,
  head: ProjectHead | undefined,
  memory: ObjectMemory | undefined,
): ReadSnapshot | undefined {
  if (head === undefined) return undefined;
  using runs = openRuns(own);
  if (runs === undefined) return undefined;
  const known = memory && recallSnapshot(runs, head, memory);
  if (known !== undefined) return known;
  let [runId, root]: [string | undefined, HexDigest | undefined] = [head.runId, head.bundleRoot];
  for (let step = 0; step < MOST_STEPS && runId !== undefined && root !== undefined; step++) {
    const { failure, run, sealed } = inspectRun(runs.address(runId));
    if (failure !== undefined || sealed === undefined || !isSameDigest(run.bundleRoot, root))
      return undefined;
    const found = snapshotOf(runId, root, { run, sealed });
    if (found !== undefined) {
      if (memory !== undefined) rememberSnapshot(own, found, memory, false);
      return found;
    }
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
  const isOurs = table.isSorted && table.declares(0, table.size) && isHexDigest(treeDigest);
  const contents = isOurs ? digestContents(table.columns, treeDigest) : undefined;
  return { runId, bundleRoot, sealedAt: run.sealedAt ?? "", contents };
}

/**
 * Identifies what a snapshot holds: files by their paths and digests, and all else by the digest of OUTPUT_TREE.json. The list of a
 * million files need not be held until it is compared.
 */
export function digestContents(
  { digests, length, pathBytes, pathStarts }: FileColumns,
  treeDigest: HexDigest,
): HexDigest {
  const sum = createHash("sha256").update(Uint32Array.of(length)).update(pathStarts);
  return digestToHex(sum.update(pathBytes).update(digests).update(treeDigest).digest());
}

/**
 * Remembers what a snapshot holds that was checked, or that this process has just written. The next seal that keeps something forgets it
 * with the packs that are gone.
 */
export function rememberSnapshot(
  own: AnchoredDir,
  { contents, runId }: Pick<ReadSnapshot, "contents" | "runId">,
  memory: ObjectMemory,
  isWritten: boolean,
): void {
  const state = unlessRefused(() => {
    using runs = openRuns(own);
    return runs && stateOfArtifacts(runs, runId);
  });
  if (contents === undefined || state === undefined) return;
  memory.note(contents, state.stats, { index: state.sum, isWritten });
  memory.save();
}

function recallSnapshot(
  runs: AnchoredDir,
  { bundleRoot, runId }: ProjectHead,
  memory: ObjectMemory,
): ReadSnapshot | undefined {
  const state = unlessRefused(() => stateOfArtifacts(runs, runId));
  const contents = state && memory.digestOf(state.stats, state.sum);
  if (contents === undefined) return undefined;
  const claimed = readClaims(runs.address(runId));
  if (!isSameDigest(claimed.bundleRoot, bundleRoot)) return undefined;
  return { runId, bundleRoot, sealedAt: claimed.sealedAt ?? "", contents };
}

/**
 * The stats of a run directory with the latest ctime of what is in it, and a digest over the names and stats of that: where the clock was put
 * back, a file that was written later may have an earlier ctime.
 */
function stateOfArtifacts(
  runs: AnchoredDir,
  runId: string,
): { readonly stats: ObjectStats; readonly sum: string } {
  using run = runs.enter(runId);
  const own = fs.fstatSync(run.fd, { bigint: true });
  let { ctimeMs, ctimeNs } = own;
  const sum = createHash("sha256");
  for (const name of run.names().sort()) {
    const stats = fs.lstatSync(run.address(name), { bigint: true });
    sum.update(`${name}\0${stateOf(stats)}\0`);
    if (stats.ctimeNs > ctimeNs) ({ ctimeMs, ctimeNs } = stats);
  }
  const { ino, mtimeNs, size } = own;
  return { stats: { ino, mtimeNs, size, ctimeMs, ctimeNs }, sum: sum.digest("hex") };
}

/** The bundle before a run is mostly its own snapshot. Otherwise the links of all bundles are read. */
function findRun(own: AnchoredDir, runs: AnchoredDir, after: string, root: HexDigest): string | undefined {
  for (const name of [`${after}.after`, `${after}.before`]) {
    if (runs.has(name) && isSameDigest(inspectRun(runs.address(name)).run.bundleRoot, root)) return name;
  }
  return findByRoot(own, root);
}
