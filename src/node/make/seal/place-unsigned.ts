/**
 * The end of a seal without a signer: the artifacts go into `.runseal/unsigned`, all or none, and wait there for `runseal sign`
 * (PROTOCOL 11.1). No key is opened, the history does not change, and no bytes are kept: the signer hashes and keeps them.
 *
 * @module
 */

import { type ArtifactReading, ok, type Result, readUnsigned } from "../../../core/internal.ts";
import { type BundleFiles, writeBundle } from "../../records/bundle/bundle-writer.ts";
import { verifyContext } from "../../records/bundle/verify-context.ts";
import type { RecoveredSeal } from "../../records/project/finish-pending.ts";
import { heldFolder } from "../../records/project/held-folder.ts";
import type { HoldRequest } from "../../records/project/held-project.ts";
import { writeOwnGitignore } from "../../records/project/project-gitignore.ts";
import { RUNS_NAME, UNSIGNED_NAME, unsignedFolderOf } from "../../records/project/project-names.ts";
import { removeRunRecords } from "../../records/project/run-records.ts";
import { refuseTakenId } from "../../records/project/unsigned-folder.ts";
import { joinWithSlashes } from "../../system/files/path-components.ts";
import { takeBreath } from "../../system/runtime/interruption.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { beginMany, type Progress } from "../../system/runtime/progress.ts";
import type { BundleContents, RunOutcome, TreeCounts } from "./bundle-contents.ts";
import { unsignedArtifacts } from "./draft-bundle.ts";
import { type SealFault, whileHeld } from "./while-held.ts";

/** An unsigned bundle in its place. */
export interface PlacedUnsigned {
  /** Path of its folder. */
  readonly folder: string;
  readonly runId: string;
  readonly sealedAt: string;
  readonly files: number;
  readonly bytes: number;
  /** What its tree holds; undefined for a plain bundle. */
  readonly tree: TreeCounts | undefined;
  /** Seals that had been killed in the project, and what became of them. */
  readonly recovered: readonly RecoveredSeal[];
  /** PROJECT_LOCK_NOT_RELEASED where the project's lock could not be removed afterwards. */
  readonly unreleased: OperationFault | undefined;
}

/**
 * Puts an unsigned bundle in its place, after waiting for the lock holder. Fails with RUN_EXISTS where a bundle or an unsigned one has
 * the id, with WRITE_FAILED, and as `holdProject` does; then nothing is left. Throws an InterruptedSeal once the project was held.
 */
export async function placeUnsigned(
  hold: HoldRequest,
  contents: BundleContents,
  progress: Progress | undefined,
): Promise<Result<PlacedUnsigned, SealFault>> {
  const files = unsignedArtifacts(contents);
  checkOwnWork(files, contents.outcome);
  return await whileHeld(hold, async (held) => {
    const { outcome, outputs, record, runId, sealedAt, tree } = contents;
    const taken = refuseTakenId(held, runId);
    if (taken !== undefined) return taken;
    const own = held.folder;
    const isNew = !own.has(RUNS_NAME) && !own.has(UNSIGNED_NAME);
    await takeBreath(hold.signal);
    beginMany(progress, "write", outputs.length);
    const folder = unsignedFolderOf(held.homePath);
    const written = writeBundle(heldFolder(held, { name: UNSIGNED_NAME, shown: folder }), runId, files);
    progress?.end();
    if (!written.ok) return written.fault;
    if (isNew) writeOwnGitignore(own);
    // The record of a failed run stays: the next bundle of the history lists it, as one that has no bundle.
    if (record !== undefined && outcome.status === "success") removeRunRecords(own, [record]);
    const { bytes, length } = outputs;
    return ok({
      folder: joinWithSlashes(folder, runId),
      runId,
      sealedAt,
      files: length,
      bytes,
      tree: tree?.counts,
      recovered: held.recovered,
    });
  });
}

/** Reads the new bundle as a signer does. Throws unless it would be signed, or is refused only because its run failed: a bug. */
function checkOwnWork(files: BundleFiles, outcome: RunOutcome): void {
  const read = (name: string): ArtifactReading => {
    const bytes = files.get(name);
    return bytes === undefined ? { kind: "missing" } : { kind: "bytes", bytes };
  };
  const unsigned = readUnsigned({ read, others: [] }, verifyContext());
  const verdict = unsigned.ok ? "OK" : unsigned.reason;
  if (verdict !== (outcome.status === "success" ? "OK" : "run-failed"))
    throw new Error(`an unsigned bundle of our own was judged ${verdict}`);
}
