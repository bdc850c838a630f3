/**
 * Sealing files that are there: find the outputs, hash them, prove the scratch folder, then sign and put the
 * bundle in its place (`complete-seal.ts`). The steps stand in this order below.
 *
 * @module
 */

import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { computeRootOfLeaves, formatUtcSecond, ok, type Result } from "../../../core/internal.ts";
import type { Signer } from "../../keys/signer.ts";
import { isNewRunId } from "../../records/bundle/run-names.ts";
import type { HoldRequest } from "../../records/project/held-project.ts";
import { runsFolderOf } from "../../records/project/project-names.ts";
import { refuseTakenId } from "../../records/project/unsigned-folder.ts";
import { ObjectMemory } from "../../records/store/object-memory.ts";
import { OutputPacking } from "../../records/store/pack-outputs.ts";
import { type AnchoredRoot, openRoot } from "../../system/files/anchored-root.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { type Hashing, ROOT_JOB } from "../../system/hashing/hash-files.ts";
import type { PackBoard } from "../../system/packs/pack-board.ts";
import { machineReason } from "../../system/runtime/machine-reason.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { WorkerPool } from "../../system/work/worker-pool.ts";
import { buildTree } from "./build-tree.ts";
import { completeSeal } from "./complete-seal.ts";
import { type HashRequest, hashListed, type ListedOutputs, listBelow } from "./hash-outputs.ts";
import { namesBelowRoot } from "./named-paths.ts";
import type { OutputsRoot } from "./outputs-statement.ts";
import { type PlacedUnsigned, placeUnsigned } from "./place-unsigned.ts";
import { readFindings } from "./read-findings.ts";
import { proveScratch, SCRATCH_FOLDER } from "./scratch-proof.ts";
import type { CompletedSeal, CompleteSealRequest, SealFault, SealPlace } from "./seal-request.ts";
import type { LeftOut } from "./select-outputs.ts";
import { defaultTaskSpec, readTaskSpec } from "./task-spec.ts";
import { whileHeld } from "./while-held.ts";

/** What to seal. */
export interface SealRequest extends HashRequest, Pick<HoldRequest, "environment" | "onWaiting"> {
  readonly runId: string;
  readonly signer: Signer;
  /** Seconds since 1970. */
  readonly now: number;
  /** A file whose bytes become TASK_SPEC.json. */
  readonly taskFile?: string | undefined;
  /** A folder for the bundle outside of the project: it is linked to no other run then, and nothing is kept. */
  readonly out?: string | undefined;
  /** Whether the outputs' bytes are kept in the project's store; default `true`. */
  readonly keep?: boolean | undefined;
  /** Threads that may hash at once; by default as many as there are cores. */
  readonly jobs?: number | undefined;
}

/** A bundle in its place. */
export interface SealedBundle extends CompletedSeal, LeftOut {}

/** What to seal without a signer. */
export type UnsignedSealRequest = Omit<SealRequest, "keep" | "out" | "signer">;

/** An unsigned bundle in its place. */
export interface UnsignedSeal extends PlacedUnsigned, LeftOut {}

/** Seals outputs. On a failure, nothing is left behind. */
export async function sealOutputs(request: SealRequest): Promise<Result<SealedBundle, SealFault>> {
  return await withListed(request, async (seal) => await sealListed(seal, request));
}

/** Seals outputs without a signer, who completes the bundle later (`signUnsigned`). On a failure, nothing is left behind. */
export async function sealUnsigned(request: UnsignedSealRequest): Promise<Result<UnsignedSeal, SealFault>> {
  return await withListed(request, async (seal) => await hashAndSeal(seal, undefined, placeUnsigned));
}

/** Lists the outputs, seals them in some way, and reports what was left out. */
async function withListed<Sealed extends object>(
  request: UnsignedSealRequest,
  seal: (listed: ListedSeal) => Promise<Result<Sealed, SealFault>>,
): Promise<Result<Sealed & LeftOut, SealFault>> {
  if (!isNewRunId(request.runId))
    return operationFault("ARGUMENT_MALFORMED", { reason: "run", path: request.runId });
  const taskSpec = taskSpecOf(request);
  if (!taskSpec.ok) return taskSpec;
  const opened = openRoot(request.root);
  if (!opened.ok) return opened;
  using root = opened.value;
  const pool = new WorkerPool(request.jobs);
  try {
    const listed = await listBelow(root, request, pool);
    if (!listed.ok) return listed;
    const { ignored, leftOut } = listed.value.selected;
    const sealed = await seal({ root, taskSpec: taskSpec.value, request, pool, listed: listed.value });
    return sealed.ok ? ok({ ...sealed.value, ignored, leftOut }) : sealed;
  } finally {
    pool.dismiss();
  }
}

async function sealListed(
  listed: ListedSeal,
  request: SealRequest,
): Promise<Result<CompletedSeal, SealFault>> {
  const { environment, keep = true, onWaiting, out, progress, root: rootPath, signal, signer } = request;
  const { root } = listed;
  const hold = { home: root, homePath: rootPath, environment, onWaiting, signal };
  const seal = (place: SealPlace, board?: PackBoard): Promise<Result<CompletedSeal, SealFault>> =>
    hashAndSeal(listed, board, (found) => completeSeal({ ...found, signer, place }));
  if (isOutside(out, rootPath)) return await seal({ kind: "folder", path: out });
  if (!keep) return await seal({ kind: "project" });
  return await whileHeld(hold, async (held) => {
    // Checked before the long work too.
    const taken = refuseTakenId(held.folder, rootPath, request.runId);
    if (taken !== undefined) return taken;
    const memory = environment && ObjectMemory.of(environment, root);
    const files = listed.listed.selected.paths.length;
    const packing = await OutputPacking.begin(root, files, { fs, memory, progress, signal });
    if (!packing.ok) return packing;
    try {
      return await seal({ kind: "held", held, packing }, packing.value.board);
    } finally {
      packing.value.discard();
    }
  });
}

/** A seal whose outputs are listed. */
interface ListedSeal {
  readonly root: AnchoredRoot;
  readonly taskSpec: Uint8Array;
  readonly request: UnsignedSealRequest;
  readonly pool: WorkerPool;
  readonly listed: ListedOutputs;
}

/** Everything that was found, for a seal in any way. */
type FoundContents = Omit<CompleteSealRequest, "given" | "place" | "record" | "signer">;

async function hashAndSeal<Sealed>(
  { listed, pool, request, root, taskSpec }: ListedSeal,
  board: PackBoard | undefined,
  seal: (found: FoundContents) => Promise<Result<Sealed, SealFault>>,
): Promise<Result<Sealed, SealFault>> {
  const { environment, onWaiting, progress, runId, signal } = request;
  const sealedAt = formatUtcSecond(request.now);
  const found = await hashListed(root, listed, request, pool, board);
  if (!found.ok) return found;
  const { after, before, files, findings, leaves, selectedTree } = found.value;
  const outputs = readFindings(files, findings);
  if (!outputs.ok) return outputs;
  const tree = buildTree(selectedTree, outputs.value, request.links);
  if (!tree.ok) return tree;
  const { proof, end } = proveScratch(before, after, { runId, timestamp: sealedAt });
  // A plain seal vouches for nothing less.
  if (!end.verified) return operationFault("SCRATCH_CHANGED", { path: SCRATCH_FOLDER });
  return await seal({
    home: root,
    homePath: request.root,
    runId,
    environment,
    onWaiting,
    progress,
    signal,
    sealedAt,
    outcome: { status: "success" },
    outputs: outputs.value,
    tree: tree.value,
    outputsRoot: computeRootMeanwhile(leaves, pool),
    proof,
    taskSpec,
  });
}

/** Asks a worker for the Merkle root, and ends the workers then: the signer may take long, and idle threads hold memory. */
function computeRootMeanwhile(leaves: Hashing["leaves"], pool: WorkerPool): OutputsRoot | undefined {
  const root = leaves && pool.runOnOne(ROOT_JOB, leaves);
  if (root === undefined) {
    pool.dismiss();
    return leaves && Promise.resolve(computeRootOfLeaves(leaves, nodeCrypto));
  }
  // The caller that awaits the root handles its rejection; the seal may have failed before.
  root.finally(() => pool.dismiss()).catch(() => undefined);
  return root;
}

function taskSpecOf(request: UnsignedSealRequest): Result<Uint8Array, OperationFault> {
  if (request.taskFile !== undefined) return readTaskSpec(request.taskFile);
  return ok(defaultTaskSpec(request.runId, namesBelowRoot(request), formatUtcSecond(request.now)));
}

/** The project's own folder of runs is not outside of it, however it is named. */
function isOutside(out: string | undefined, root: string): out is string {
  return out !== undefined && realPlace(out) !== realPlace(runsFolderOf(root));
}

function realPlace(path: string): string {
  try {
    return realpathSync(path);
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return resolve(path);
  }
}
