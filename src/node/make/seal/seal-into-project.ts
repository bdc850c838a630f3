/**
 * Seals into a project. The lock is held from reading HEAD to writing it, so that simultaneous seals wait for each other and do not fork
 * the history. A seal that keeps its outputs holds it from before it hashes them. The steps are in this order below. The next lock holder
 * finishes what a kill between two of them leaves (`project/finish-pending.ts`).
 *
 * @module
 */

import { ok, type Result } from "../../../core/internal.ts";
import { type BundleFolder, type UnwrittenBundle, writeBundle } from "../../records/bundle/bundle-writer.ts";
import { HEAD_NAME, type ProjectHead } from "../../records/project/head-file.ts";
import { heldFolder } from "../../records/project/held-folder.ts";
import type { HeldProject } from "../../records/project/held-project.ts";
import {
  announceHead,
  moveHead,
  moveHeadBack,
  PENDING_NAME,
  withdrawHead,
} from "../../records/project/move-head.ts";
import { findPreviousRun } from "../../records/project/previous-run.ts";
import { writeOwnGitignore } from "../../records/project/project-gitignore.ts";
import { RUNS_NAME, runsFolderOf } from "../../records/project/project-names.ts";
import { type HeadMemory, memoryPlaceOf, rememberHead } from "../../records/project/remembered-head.ts";
import { completeRunRecord, removeRunRecords, UNLISTED_NAME } from "../../records/project/run-records.ts";
import { findUnlistedRuns, type UnlistedRuns } from "../../records/project/unlisted-runs.ts";
import { type GivenEnd, refuseTakenId, removeUnsigned } from "../../records/project/unsigned-folder.ts";
import { joinPacks } from "../../records/store/join-packs.ts";
import type { KeptOutputs } from "../../records/store/keep-outputs.ts";
import { ObjectMemory } from "../../records/store/object-memory.ts";
import { takeBreath } from "../../system/runtime/interruption.ts";
import { reasonOf, refusalOf } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { beginMany } from "../../system/runtime/progress.ts";
import type { BegunPacking, CompleteSealRequest } from "./seal-request.ts";
import { describeSeal, type SignedBundle, signBundle } from "./sign-bundle.ts";
import type { HeldSeal } from "./while-held.ts";

/** What to seal: the place is the project. */
type ProjectSealRequest = Omit<CompleteSealRequest, "place">;

/**
 * Seals into a project that is held, and keeps what was packed. Fails as `completeSeal` does; then nothing is left but complete packs,
 * which `prune` removes.
 */
export async function sealIntoProject(
  held: HeldProject,
  request: ProjectSealRequest,
  packing: BegunPacking,
): Promise<Result<HeldSeal, OperationFault>> {
  const { environment, home, homePath, outcome, runId } = request;
  const previous = findPreviousRun(held, home, environment);
  if (!previous.ok) return previous;
  // Checked before signing too: a user should not touch a token in vain.
  const taken = refuseTakenId(held.folder, homePath, runId, request.given?.folder);
  if (taken !== undefined) return taken;
  const isNew = !held.folder.has(RUNS_NAME);

  const unlisted = await findUnlisted(held, previous.value, request);
  if (!unlisted.ok) return unlisted;
  let kept: KeptOutputs | undefined;
  let unkept: OperationFault | undefined;
  let isDone = false;
  try {
    if (packing !== undefined) {
      const keeping = packing.ok ? await packing.value.keep(request.outputs) : packing;
      // The signer may prompt on the terminal.
      request.progress?.end();
      if (keeping.ok) kept = keeping.value;
      // Processes of a failed run may still be writing: its bundle matters more than these bytes.
      else if (outcome.status === "failure") unkept = keeping;
      else return keeping;
    }
    const signed = await signBundle(request, previous.value, unlisted.value.runs);
    if (!signed.ok) return signed;
    // The last chance to stop: short work had no pause, and the bundle is written next.
    await takeBreath(request.signal);
    beginMany(request.progress, "write", request.outputs.length);
    const placed =
      outcome.status === "success"
        ? placeInHistory(held, request, signed.value, previous.value, unlisted.value.records)
        : placeBeside(held, request, signed.value, previous.value);
    if (!placed.ok) {
      isDone = placed.isLeft;
      return placed.fault;
    }
    isDone = true;
    if (isNew) writeOwnGitignore(held.folder);
    const memory = environment && ObjectMemory.of(environment, home);
    if (kept !== undefined) await joinPacks(home, { memory, signal: request.signal });
    return ok({
      ...describeSeal(runsFolderOf(homePath), request, signed.value),
      previousBundleRoot: previous.value?.bundleRoot,
      failedRuns: unlisted.value.runs,
      kept: kept?.added,
      keptBytes: kept?.bytes,
      unkept,
      replaced: kept?.replaced,
      memory: placed.memory,
      given: placed.given,
      recovered: held.recovered,
    });
  } finally {
    // If the bundle stayed, the objects that it names must stay too.
    if (!isDone) kept?.undo();
  }
}

/** If a bundle could not be removed again, `pending` stays, and the next seal finishes this one. */
type Placed =
  | {
      readonly ok: true;
      readonly memory: HeadMemory | undefined;
      /** What became of the unsigned bundle; undefined where none was given. */
      readonly given?: GivenEnd | undefined;
    }
  | UnwrittenBundle;

/** The failed and killed runs that the bundle lists. Fails with READ_FAILED. */
async function findUnlisted(
  { folder, shown }: HeldProject,
  previous: ProjectHead | undefined,
  { record, runId }: ProjectSealRequest,
): Promise<Result<UnlistedRuns, OperationFault>> {
  try {
    return ok(await findUnlistedRuns(folder, previous?.bundleRoot, { record, runId }));
  } catch (thrown) {
    const reason = reasonOf(thrown);
    return operationFault("READ_FAILED", { path: `${shown}/${UNLISTED_NAME}`, reason });
  }
}

/**
 * A failed run is beside the history: it names the head, and does not become the head. Its record names its bundle before the
 * bundle appears, so that the next seal in the history lists it even if this process is killed.
 */
function placeBeside(
  held: HeldProject,
  request: ProjectSealRequest,
  { bundleRoot, files }: SignedBundle,
  previous: ProjectHead | undefined,
): Placed {
  const { record, runId, sealedAt } = request;
  if (record !== undefined) {
    const sealed = { runId, time: sealedAt, bundleRoot, previousBundleRoot: previous?.bundleRoot };
    const unrecorded = writing(
      () => completeRunRecord(held.folder, { ...sealed, name: record, command: [] }),
      `${held.shown}/${UNLISTED_NAME}`,
    );
    if (unrecorded !== undefined) return { ok: false, fault: unrecorded, isLeft: false };
  }
  const written = writeBundle(runsOf(held, request), request.runId, files);
  return written.ok ? { ok: true, memory: undefined } : written;
}

function runsOf({ folder }: HeldProject, { home, homePath }: ProjectSealRequest): BundleFolder {
  return heldFolder(folder, home, { name: RUNS_NAME, shown: runsFolderOf(homePath) });
}

function placeInHistory(
  held: HeldProject,
  request: ProjectSealRequest,
  { bundleRoot, files, proofHash }: SignedBundle,
  earlier: ProjectHead | undefined,
  listed: readonly string[],
): Placed {
  const { environment, home, record, runId } = request;
  const { folder, shown } = held;
  const head = { runId, bundleRoot, proofHash };
  const unannounced = writing(() => announceHead(folder, head), `${shown}/${PENDING_NAME}`);
  if (unannounced !== undefined) return { ok: false, fault: unannounced, isLeft: false };

  const written = writeBundle(runsOf(held, request), runId, files);
  if (!written.ok) {
    if (!written.isLeft) withdrawHead(folder);
    return written;
  }

  const unmoved = writing(() => moveHead(folder, head), `${shown}/${HEAD_NAME}`);
  if (unmoved !== undefined) {
    const isTakenBack = moveHeadBack(folder, head, earlier) && written.value.remove();
    if (isTakenBack) withdrawHead(folder);
    return { ok: false, fault: unmoved, isLeft: !isTakenBack };
  }

  // Only now: if a seal fails before this, the next one must list them.
  const listedNow = record === undefined ? listed : [...listed, record];
  if (listedNow.length > 0) removeRunRecords(folder, listedNow);
  const memory =
    environment === undefined
      ? undefined
      : rememberHead(memoryPlaceOf(environment, home), folder, head, earlier);
  // Before `pending` is gone: if this process is killed, the next lock holder removes it.
  const given = request.given && removeUnsigned(folder, runId, request.given.folder);
  // If it can't be removed, the next lock holder sees that it is the head already.
  withdrawHead(folder);
  return { ok: true, memory, given };
}

/** Runs an act that the system may refuse. Gives WRITE_FAILED then. */
function writing(act: () => void, path: string): OperationFault | undefined {
  const reason = refusalOf(act);
  return reason && operationFault("WRITE_FAILED", { path, reason });
}
