/**
 * Seals into a project. The lock is held from reading HEAD to writing it, so that simultaneous seals wait for each other and do not fork
 * the history. A seal that keeps its outputs holds it from before it hashes them. The steps are in this order below. The next lock holder
 * finishes what a kill between two of them leaves (`project/finish-pending.ts`).
 *
 * @module
 */

import {
  type FailedRun,
  type HexDigest,
  ok,
  type Result,
  type SignerIdentity,
} from "../../../core/internal.ts";
import type { Signer } from "../../keys/signer.ts";
import {
  type BundleFolder,
  namedFolder,
  type UnwrittenBundle,
  writeBundle,
} from "../../records/bundle/bundle-writer.ts";
import type { RecoveredSeal } from "../../records/project/finish-pending.ts";
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
import type { OutputPacking } from "../../records/store/pack-outputs.ts";
import { joinWithSlashes } from "../../system/files/path-components.ts";
import { takeBreath } from "../../system/runtime/interruption.ts";
import { reasonOf, refusalOf } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { beginMany, type WorkOptions } from "../../system/runtime/progress.ts";
import type { BundleContents, TreeCounts } from "./bundle-contents.ts";
import { type SignedBundle, signBundle } from "./sign-bundle.ts";

/** How to seal into a project. */
export interface SealIntoOptions extends WorkOptions {
  readonly signer: Signer;
  /** The packing of the outputs, or why it could not begin; undefined where nothing is to be kept. */
  readonly packing?: Result<OutputPacking, OperationFault> | undefined;
}

/** A bundle in its place. */
export interface CompletedSeal {
  /** Path of the run directory. */
  readonly bundle: string;
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  readonly proofHash: HexDigest;
  /** The root of the run before it; undefined on the first run of a history, and outside of projects. */
  readonly previousBundleRoot?: HexDigest | undefined;
  readonly signer: SignerIdentity;
  /** The runs that it lists as failed or killed since the run before it, in order of time. */
  readonly failedRuns: readonly FailedRun[];
  readonly files: number;
  readonly bytes: number;
  /** What its tree holds; undefined for a plain bundle. */
  readonly tree?: TreeCounts | undefined;
  /** Objects that were added to the project's store; undefined where nothing was to be kept. */
  readonly kept?: number | undefined;
  /** Their bytes. */
  readonly keptBytes?: number | undefined;
  /** Why the outputs of a failed run are not kept though they were to be; undefined where they are. */
  readonly unkept?: OperationFault | undefined;
  /** Objects of the store whose wrong bytes were replaced by the right ones; undefined where nothing was to be kept. */
  readonly replaced?: number | undefined;
  /** What became of remembering the new head; undefined where there is none, or no place for it. */
  readonly memory?: HeadMemory | undefined;
  /** What became of the unsigned bundle that was signed; absent where none was given. */
  readonly given?: GivenEnd | undefined;
  /** Seals that had been killed in the project, and what became of them. */
  readonly recovered: readonly RecoveredSeal[];
  /** PROJECT_LOCK_NOT_RELEASED where the project's lock could not be removed afterwards. */
  readonly unreleased?: OperationFault | undefined;
}

/** A seal by a lock holder: everything but how the lock was released. */
export type HeldSeal = Omit<CompletedSeal, "unreleased">;

/**
 * Seals into a project that is held: keeps what was packed, drafts and signs the bundle, and puts it in its place. Fails as
 * `findPreviousRun`, `OutputPacking.keep` and signers do, with RUN_EXISTS or WRITE_FAILED; then nothing is left but complete packs, which
 * `prune` removes. Throws an Interruption.
 */
export async function sealIntoProject(
  held: HeldProject,
  contents: BundleContents,
  { packing, progress, signal, signer }: SealIntoOptions,
): Promise<Result<HeldSeal, OperationFault>> {
  const { outcome, outputs, runId } = contents;
  const previous = findPreviousRun(held);
  if (!previous.ok) return previous;
  // Checked before signing too: a user should not touch a token in vain.
  const taken = refuseTakenId(held, runId, contents.given?.folder);
  if (taken !== undefined) return taken;
  const isNew = !held.folder.has(RUNS_NAME);
  const unlisted = await findUnlisted(held, previous.value, contents);
  if (!unlisted.ok) return unlisted;
  let kept: KeptOutputs | undefined;
  let unkept: OperationFault | undefined;
  let isDone = false;
  try {
    if (packing !== undefined) {
      const keeping = packing.ok ? await packing.value.keep(outputs) : packing;
      // The signer may prompt on the terminal.
      progress?.end();
      if (keeping.ok) kept = keeping.value;
      // Processes of a failed run may still be writing: its bundle matters more than these bytes.
      else if (outcome.status === "failure") unkept = keeping;
      else return keeping;
    }
    const links = { previous: previous.value, failedRuns: unlisted.value.runs };
    const signed = await signBundle(contents, links, signer, { progress, signal });
    if (!signed.ok) return signed;
    // The last chance to stop: short work had no pause, and the bundle is written next.
    await takeBreath(signal);
    beginMany(progress, "write", outputs.length);
    const placed =
      outcome.status === "success"
        ? placeInHistory(held, contents, signed.value, previous.value, unlisted.value.records)
        : placeBeside(held, contents, signed.value, previous.value);
    progress?.end();
    if (!placed.ok) {
      isDone = placed.isLeft;
      return placed.fault;
    }
    isDone = true;
    if (isNew) writeOwnGitignore(held.folder);
    if (kept !== undefined) await joinPacks(held.home, { memory: ObjectMemory.ofProject(held), signal });
    return ok({
      ...describeSeal(runsFolderOf(held.homePath), contents, signed.value),
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
  { record, runId }: BundleContents,
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
  { record, runId, sealedAt }: BundleContents,
  { bundleRoot, files }: SignedBundle,
  previous: ProjectHead | undefined,
): Placed {
  if (record !== undefined) {
    const sealed = { runId, time: sealedAt, bundleRoot, previousBundleRoot: previous?.bundleRoot };
    const unrecorded = writing(
      () => completeRunRecord(held.folder, { ...sealed, name: record, command: [] }),
      `${held.shown}/${UNLISTED_NAME}`,
    );
    if (unrecorded !== undefined) return { ok: false, fault: unrecorded, isLeft: false };
  }
  const written = writeBundle(runsOf(held), runId, files);
  return written.ok ? { ok: true, memory: undefined } : written;
}

function runsOf(held: HeldProject): BundleFolder {
  return heldFolder(held, { name: RUNS_NAME, shown: runsFolderOf(held.homePath) });
}

function placeInHistory(
  held: HeldProject,
  { given: unsigned, record, runId }: BundleContents,
  { bundleRoot, files, proofHash }: SignedBundle,
  earlier: ProjectHead | undefined,
  listed: readonly string[],
): Placed {
  const { environment, folder, home, shown } = held;
  const head = { runId, bundleRoot, proofHash };
  const unannounced = writing(() => announceHead(folder, head), `${shown}/${PENDING_NAME}`);
  if (unannounced !== undefined) return { ok: false, fault: unannounced, isLeft: false };

  const written = writeBundle(runsOf(held), runId, files);
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
  const given = unsigned && removeUnsigned(folder, runId, unsigned.folder);
  // If it can't be removed, the next lock holder sees that it is the head already.
  withdrawHead(folder);
  return { ok: true, memory, given };
}

/** Runs an act that the system may refuse. Gives WRITE_FAILED then. */
function writing(act: () => void, path: string): OperationFault | undefined {
  const reason = refusalOf(act);
  return reason && operationFault("WRITE_FAILED", { path, reason });
}

/** Signs a bundle and puts it into a folder outside of the project: no links, no head, nothing kept. Fails and throws as `sealIntoProject` does. */
export async function sealIntoFolder(
  folder: string,
  contents: BundleContents,
  { progress, signal, signer }: SealIntoOptions,
): Promise<Result<CompletedSeal, OperationFault>> {
  const signed = await signBundle(contents, { previous: undefined, failedRuns: [] }, signer, {
    progress,
    signal,
  });
  if (!signed.ok) return signed;
  beginMany(progress, "write", contents.outputs.length);
  const written = writeBundle(namedFolder(folder), contents.runId, signed.value.files);
  progress?.end();
  return written.ok
    ? ok({ ...describeSeal(folder, contents, signed.value), failedRuns: [], recovered: [] })
    : written.fault;
}

/** The facts of a bundle that do not depend on its history. */
function describeSeal(
  folder: string,
  { outputs, runId, tree }: BundleContents,
  { bundleRoot, proofHash, signer }: SignedBundle,
): Omit<CompletedSeal, "failedRuns" | "recovered"> {
  return {
    bundle: joinWithSlashes(folder, runId),
    runId,
    bundleRoot,
    proofHash,
    signer,
    files: outputs.length,
    bytes: outputs.bytes,
    tree: tree?.counts,
  };
}
