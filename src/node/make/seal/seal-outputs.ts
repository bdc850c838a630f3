/**
 * Sealing files that are there: list the outputs, hash and pack them, keep them, draft the bundle, sign it, and put it in its place. The
 * steps are in this order below; `sealIntoProject` has the last four, which all seals have in common.
 *
 * @module
 */

import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { formatUtcSecond, ok, type Result } from "../../../core/internal.ts";
import type { Signer } from "../../keys/signer.ts";
import { isNewRunId } from "../../records/bundle/run-names.ts";
import type { HoldRequest, ProjectHome } from "../../records/project/held-project.ts";
import { runsFolderOf } from "../../records/project/project-names.ts";
import { refuseTakenId } from "../../records/project/unsigned-folder.ts";
import { ObjectMemory } from "../../records/store/object-memory.ts";
import { OutputPacking } from "../../records/store/pack-outputs.ts";
import { openRoot } from "../../system/files/anchored-root.ts";
import { unlessRefused } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { WorkerPool } from "../../system/work/worker-pool.ts";
import {
  type HashPlace,
  type HashRequest,
  hashListed,
  type ListedOutputs,
  listBelow,
} from "./hash-outputs.ts";
import { namesBelowRoot } from "./named-paths.ts";
import { type PlacedUnsigned, placeUnsigned } from "./place-unsigned.ts";
import { type CompletedSeal, sealIntoFolder, sealIntoProject } from "./seal-into-project.ts";
import type { LeftOut } from "./select-outputs.ts";
import { defaultTaskSpec, readTaskSpec } from "./task-spec.ts";
import { type SealFault, whileHeld } from "./while-held.ts";

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
  return await sealBelow(request, async (place, listed) => await sealListed(place, listed, request));
}

/** Seals outputs without a signer, who completes the bundle later (`signUnsigned`). On a failure, nothing is left behind. */
export async function sealUnsigned(request: UnsignedSealRequest): Promise<Result<UnsignedSeal, SealFault>> {
  return await sealBelow(request, async (place, listed) => {
    const contents = await hashListed(place, listed, request);
    if (!contents.ok) return contents;
    return await placeUnsigned({ ...request, ...place.project }, contents.value, request.progress);
  });
}

/** The place of a seal while it is open. */
interface SealPlace extends HashPlace {
  readonly project: ProjectHome;
}

/** Makes the checks that need no list, then lists the outputs and lets `work` seal them. */
async function sealBelow<Sealed extends object>(
  request: UnsignedSealRequest,
  work: (place: SealPlace, listed: ListedOutputs) => Promise<Result<Sealed, SealFault>>,
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
    const project = { home: root, homePath: request.root };
    const place = { root, project, pool, taskSpec: taskSpec.value };
    const listed = await listBelow(place, request);
    if (!listed.ok) return listed;
    const { ignored, leftOut } = listed.value.selected;
    const sealed = await work(place, listed.value);
    return sealed.ok ? ok({ ...sealed.value, ignored, leftOut }) : sealed;
  } finally {
    pool.dismiss();
  }
}

async function sealListed(
  place: SealPlace,
  listed: ListedOutputs,
  request: SealRequest,
): Promise<Result<CompletedSeal, SealFault>> {
  const { keep = true, out, progress, root: rootPath, runId, signal } = request;
  const hold = { ...request, ...place.project };
  if (isOutside(out, rootPath) || !keep) {
    const contents = await hashListed(place, listed, request);
    if (!contents.ok) return contents;
    if (isOutside(out, rootPath)) return await sealIntoFolder(out, contents.value, request);
    return await whileHeld(hold, async (held) => await sealIntoProject(held, contents.value, request));
  }
  // Packs are written while the outputs are hashed, and only the lock holder writes packs.
  return await whileHeld(hold, async (held) => {
    // Checked before the long work too.
    const taken = refuseTakenId(held, runId);
    if (taken !== undefined) return taken;
    const memory = ObjectMemory.ofProject(held);
    const packing = await OutputPacking.begin(held.home, listed.selected.paths.length, {
      memory,
      progress,
      signal,
    });
    if (!packing.ok) return packing;
    using begun = packing.value;
    const contents = await hashListed(place, listed, request, begun.board);
    if (!contents.ok) return contents;
    return await sealIntoProject(held, contents.value, { ...request, packing });
  });
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
  return unlessRefused(() => realpathSync(path)) ?? resolve(path);
}
