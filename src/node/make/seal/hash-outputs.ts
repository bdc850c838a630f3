/**
 * Listing and hashing the outputs of a seal, and looking at the scratch folder before and after. Outputs are packed in the same read.
 *
 * @module
 */

import {
  computeRootOfLeaves,
  type FindingTable,
  formatUtcSecond,
  type HexDigest,
  OutputTable,
  ok,
  outputPaths,
  type Result,
} from "../../../core/internal.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import type { SharedFiles } from "../../system/hashing/hash-board.ts";
import { beginHashing, HASH_JOB, type Hashing, ROOT_JOB } from "../../system/hashing/hash-files.ts";
import { watchFiles } from "../../system/hashing/watch-files.ts";
import type { PackBoard } from "../../system/packs/pack-board.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import type { WorkerPool } from "../../system/work/worker-pool.ts";
import { buildTree } from "./build-tree.ts";
import type { BundleContents, EncodedTree, SealedOutputs } from "./bundle-contents.ts";
import { type IgnoreRules, readIgnoreRules } from "./ignore-rules.ts";
import { readFindings } from "./read-findings.ts";
import { type RecheckTreeOptions, recheckTree } from "./recheck-tree.ts";
import { refuseLeaving } from "./refuse-links.ts";
import { proveScratch, SCRATCH_FOLDER } from "./scratch-proof.ts";
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
  { pool, root }: { readonly pool: WorkerPool; readonly root: AnchoredRoot },
  request: HashRequest,
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

/** Where outputs are hashed, and with which threads. */
export interface HashPlace {
  readonly root: AnchoredRoot;
  readonly pool: WorkerPool;
  readonly taskSpec: Uint8Array;
}

/**
 * Hashes the outputs, and packs them; the pool ends with that. Gives what the bundle says. Fails with ENTRIES_REFUSED,
 * CHANGED_WHILE_READ, READ_FAILED or SCRATCH_CHANGED.
 */
export async function hashListed(
  { pool, root, taskSpec }: HashPlace,
  listed: ListedOutputs,
  request: HashRequest & Pick<BundleContents, "runId"> & { readonly now: number },
  packing?: PackBoard,
): Promise<Result<BundleContents, OperationFault>> {
  const { links, now, progress, runId, signal } = request;
  const { rules } = listed;
  const { tree } = listed.selected;
  const before = await snapshotScratch(root, [SCRATCH_FOLDER], request);
  const hashed = await hashAndJudge({ pool, root }, listed, request, before, packing);
  if (!hashed.ok) return hashed;
  const found = await readHashed(root, hashed.value, { links, rules, signal, tree });
  if (!found.ok) {
    progress?.end();
    return found;
  }
  const after = await snapshotScratch(root, [SCRATCH_FOLDER], request);
  progress?.end();
  const sealedAt = formatUtcSecond(now);
  const { proof, end } = proveScratch(before, after, { runId, timestamp: sealedAt });
  // A plain seal vouches for nothing less.
  if (!end.verified) return operationFault("SCRATCH_CHANGED", { path: SCRATCH_FOLDER });
  const outputsRoot = computeRootMeanwhile(hashed.value.leaves, pool);
  return ok({
    runId,
    sealedAt,
    outcome: { status: "success" },
    ...found.value,
    outputsRoot,
    proof,
    taskSpec,
  });
}

/** Files that were hashed: by path and digest, and what was found of them. */
export interface HashedFiles {
  readonly files: SharedFiles;
  readonly findings: FindingTable;
}

/** Judges links and names while threads hash. The strings of paths are freed with it: later steps read the paths from shared memory. */
async function hashAndJudge(
  { pool, root }: Pick<HashPlace, "pool" | "root">,
  listed: ListedOutputs,
  { links, names, progress, signal }: HashRequest,
  before: readonly ScratchState[],
  packing: PackBoard | undefined,
): Promise<Result<HashedFiles & Pick<Hashing, "leaves">, OperationFault>> {
  const { selected } = listed;
  listed.selected = { ...selected, paths: [] };
  const { paths, tree } = selected;
  const watch = watchFiles(progress, "hash", root, paths);
  // A name that a tree can't hold is never portable; with others, the core has to look at each.
  const wantsLeaves = names === "portable" && paths.length > 0;
  const hashing = beginHashing(root, paths, { signal, pool, watch, leaves: wantsLeaves, packing });
  let refused: OperationFault | undefined;
  try {
    // Other threads are hashing meanwhile.
    refused =
      refuseLeaving(tree, links, () => outputPaths(new OutputTable(hashing.files))) ??
      refuseNotPortable(selected, names)[0] ??
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
  const { files, leaves } = hashing;
  return ok({ files, findings, leaves });
}

/** What a bundle says of files that were hashed, and of the links and folders beside them, which are looked at again. */
export async function readHashed(
  root: AnchoredRoot,
  { files, findings }: HashedFiles,
  selection: RecheckTreeOptions & Pick<SelectedOutputs, "tree">,
): Promise<Result<{ readonly outputs: SealedOutputs; readonly tree: EncodedTree }, OperationFault>> {
  const outputs = readFindings(files, findings);
  if (!outputs.ok) return outputs;
  const changed = await recheckTree(root, selection.tree, selection);
  if (changed !== undefined) return changed;
  const tree = buildTree(selection.tree, outputs.value, selection.links);
  return tree.ok ? ok({ outputs: outputs.value, tree: tree.value }) : tree;
}

/** Asks a worker for the Merkle root, and ends the workers then: the signer may take long, and idle threads hold memory. */
function computeRootMeanwhile(leaves: Hashing["leaves"], pool: WorkerPool): Promise<HexDigest> | undefined {
  const root = leaves && pool.runOnOne(ROOT_JOB, leaves);
  if (root === undefined) {
    pool.dismiss();
    return leaves && Promise.resolve(computeRootOfLeaves(leaves, nodeCrypto));
  }
  // The caller that awaits the root handles its rejection; the seal may have failed before.
  root.finally(() => pool.dismiss()).catch(() => undefined);
  return root;
}
