/**
 * Applies the plan of a revert: all of it, or nothing (PROTOCOL 13.9). Stages, moves aside what goes, puts in place what comes, looks
 * at all of it again, and commits; or takes everything back.
 *
 * @module
 */

import type { RevertPlan } from "../../../core/internal.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../../system/files/file-system.ts";
import { beginCleaning, type WorkOptions } from "../../system/runtime/progress.ts";
import type { RestoreOrigin } from "../restore/journal/journal.ts";
import type { JournalKeys } from "../restore/journal/journal-key.ts";
import { checkDescriptors } from "../restore/target/enough-descriptors.ts";
import { type RestoreFailure, refused } from "../restore/target/restore-outcome.ts";
import { type Executed, isForCaller, runTransaction, type Step } from "../restore/target/run-transaction.ts";
import { faultOf } from "../restore/work/output-task.ts";
import { checkMoved, checkPuts } from "./check-reverted.ts";
import { giveOwnInodes } from "./linked-files.ts";
import { moveAll, putAll } from "./move-and-put.ts";
import { RevertRoot } from "./revert-root.ts";
import { holdFiles, type ObjectSource, stagePuts, syncPuts } from "./stage-puts.ts";

/** What to do to which folder. */
export interface RevertRequest extends WorkOptions {
  /** The folder. Nothing of an earlier transaction may be left in it: recover first. */
  readonly root: AnchoredRoot;
  /** How the caller named it. */
  readonly path: string;
  readonly plan: RevertPlan;
  /** The bytes of the files that are put in place. */
  readonly objects: ObjectSource;
  /** What a recovery says of the origin. */
  readonly origin: RestoreOrigin;
  readonly keys: JournalKeys;
}

/**
 * Applies a plan. Fails with RESTORE_BUSY, RESTORE_STATE_UNAVAILABLE, RESTORE_TOO_FEW_DESCRIPTORS, RESTORE_SOURCE_MISSING or
 * RESTORE_STAGING_HASH_MISMATCH before anything in the folder was changed. After everything was taken back, fails with
 * UNDO_TARGET_CHANGED, naming the first path that is not what the plan expects; with the codes of VERIFY; or with
 * RESTORE_FINALIZE_FAILED. Fails with RESTORE_ROLLBACK_FAILED if not everything could be taken back, and with IN_DOUBT.
 * Throws an Interruption when the signal fired and everything was taken back.
 */
export async function applyRevert(
  request: RevertRequest,
  fs: FileSystem = nodeFileSystem,
): Promise<Executed | RestoreFailure> {
  const { keys, objects, origin, path, progress, root, signal } = request;
  const short = checkDescriptors("EXECUTE");
  if (short !== undefined) return refused(short);
  const key = keys.obtain();
  if (!key.ok) return refused(key);
  let plan: RevertPlan;
  try {
    const own = await giveOwnInodes(request.plan, root, signal, fs);
    if (!own.ok) return refused(own);
    plan = own.value;
  } catch (thrown) {
    if (isForCaller(thrown)) throw thrown;
    return refused(faultOf(thrown, "EXECUTE", "RESTORE_INTERNAL_ERROR"));
  }
  using transaction = new RevertRoot(root, path, origin, key.value, fs);
  const { staging } = transaction;
  const puts = { root, staging, plan, objects, signal, progress, fs };
  const applying = { plan, transaction, progress, signal, fs };
  const steps: readonly Step[] = [
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => transaction.begin(plan)],
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => stagePuts(puts)],
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => holdFiles(puts)],
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => syncPuts(puts)],
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => transaction.declare(plan)],
    ["EXECUTE", "RESTORE_FINALIZE_FAILED", () => transaction.makeWritable()],
    ["EXECUTE", "RESTORE_FINALIZE_FAILED", () => moveAll(applying)],
    ["EXECUTE", "RESTORE_FINALIZE_FAILED", () => transaction.syncMoves()],
    ["EXECUTE", "RESTORE_FINALIZE_FAILED", () => transaction.takeOut()],
    ["EXECUTE", "RESTORE_FINALIZE_FAILED", () => transaction.setFileModes()],
    ["EXECUTE", "RESTORE_FINALIZE_FAILED", () => transaction.makeFolders()],
    ["EXECUTE", "RESTORE_FINALIZE_FAILED", () => putAll(applying)],
    ["VERIFY", "RESTORE_INTERNAL_ERROR", () => checkPuts(applying)],
    ["VERIFY", "RESTORE_INTERNAL_ERROR", () => checkMoved(applying)],
    ["VERIFY", "RESTORE_FINALIZE_FAILED", () => transaction.commit()],
  ];
  return await runTransaction(steps, () => {
    beginCleaning(progress, plan.moves.length + plan.puts.length);
    return transaction.end();
  });
}
