/**
 * Listing and hashing the outputs of a seal, and looking at the scratch folder before and after. Outputs are packed in the same read.
 *
 * @module
 */

import {
  type FindingTable,
  OutputTable,
  type OutputTree,
  ok,
  outputPaths,
  type Result,
  type TextViews,
} from "../../../core/internal.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import type { SharedFiles } from "../../system/hashing/hash-board.ts";
import { beginHashing, HASH_JOB, type Hashing } from "../../system/hashing/hash-files.ts";
import { watchFiles } from "../../system/hashing/watch-files.ts";
import type { PackBoard } from "../../system/packs/pack-board.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import type { WorkerPool } from "../../system/work/worker-pool.ts";
import { type IgnoreRules, readIgnoreRules } from "./ignore-rules.ts";
import { recheckTree } from "./recheck-tree.ts";
import { refuseLeaving } from "./refuse-links.ts";
import { SCRATCH_FOLDER } from "./scratch-proof.ts";
import { refuseScratch, type ScratchState, snapshotScratch } from "./scratch-state.ts";
import { listOutputs, refuseNotPortable, type SelectedOutputs, type Selection } from "./select-outputs.ts";

/** Which outputs, and how to work. */
export interface HashRequest extends Omit<Selection, "rules">, WorkOptions {
  /** Patterns of gitignore's syntax for what to leave out, after those of `.runsealignore`. */
  readonly ignore?: readonly string[] | undefined;
}

/** So many files are worth threads, which start while others are still listed. For fewer, or large ones, hashing calls them. */
const MANY_FILES = 7_000;

/** Outputs that are listed and not hashed yet. */
export interface ListedOutputs {
  /** Its paths are dropped once they are laid out in shared memory. */
  selected: SelectedOutputs;
  readonly rules: IgnoreRules;
}

/** Lists the outputs. Fails as `listOutputs` and `readIgnoreRules` do. */
export async function listBelow(
  root: AnchoredRoot,
  request: HashRequest,
  pool: WorkerPool,
): Promise<Result<ListedOutputs, OperationFault>> {
  const { progress, signal } = request;
  const onFolder = (listed: number): void => {
    if (listed >= MANY_FILES) pool.start(HASH_JOB);
  };
  const rules = readIgnoreRules(root, request.ignore ?? []);
  if (!rules.ok) return rules;
  const selection = { ...request, rules: rules.value };
  const selected = await listOutputs(root, selection, { onFolder, progress, signal });
  return selected.ok ? ok({ selected: selected.value, rules: rules.value }) : selected;
}

/** What there is to seal, and the scratch folder before and after it was read. */
export interface FoundOutputs {
  readonly files: SharedFiles;
  readonly findings: FindingTable;
  readonly leaves: Hashing["leaves"];
  /** The tree without modes, looked at again after the files were read. */
  readonly selectedTree: OutputTree;
  readonly before: readonly ScratchState[];
  readonly after: readonly ScratchState[];
}

/** Hashes the outputs, and packs them. The strings of paths are freed with it: later steps read the paths from shared memory. */
export async function hashListed(
  root: AnchoredRoot,
  listed: ListedOutputs,
  request: HashRequest,
  pool: WorkerPool,
  packing: PackBoard | undefined,
): Promise<Result<FoundOutputs, OperationFault>> {
  const { progress, signal } = request;
  const { selected } = listed;
  listed.selected = { ...selected, paths: [] };
  const { paths, tree } = selected;
  const before = await snapshotScratch(root, [SCRATCH_FOLDER], request);
  const watch = watchFiles(progress, "hash", root, paths);
  // A name that a tree can't hold is never portable; with others, the core has to look at each.
  const leaves = request.names === "portable" && paths.length > 0;
  const hashing = beginHashing(root, paths, { signal, pool, watch, leaves, packing });
  let refused: OperationFault | undefined;
  try {
    // Other threads are hashing meanwhile.
    const files = (): TextViews => outputPaths(new OutputTable(hashing.files));
    refused =
      refuseLeaving(tree, request.links, files) ??
      refuseNotPortable(selected, request.names)[0] ??
      refuseScratch(before);
  } catch (thrown) {
    // They reach the files by the number of the root, which is closed next.
    await hashing.abandon();
    throw thrown;
  }
  if (refused !== undefined) {
    await hashing.abandon();
    progress?.end();
    return refused;
  }
  const findings = await hashing.finish();
  const changed = await recheckTree(root, tree, { ...request, rules: listed.rules });
  if (changed !== undefined) {
    progress?.end();
    return changed;
  }
  const after = await snapshotScratch(root, [SCRATCH_FOLDER], request);
  progress?.end();
  const { files, leaves: hashedLeaves } = hashing;
  return ok({ files, findings, leaves: hashedLeaves, selectedTree: tree, before, after });
}
