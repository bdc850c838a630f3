/**
 * Whether restored files are unchanged, before anything is written.
 *
 * @module
 */

import { type ChangedTarget, itemAt, type RestoreFault } from "../../../../core/internal.ts";
import type { AnchoredRoot } from "../../../system/files/anchored-root.ts";
import type { FileSystem } from "../../../system/files/file-system.ts";
import { makeReadBuffer } from "../../../system/hashing/hash-file.ts";
import { breathe, driveSteps } from "../../../system/runtime/interruption.ts";
import { errnoOf } from "../../../system/runtime/machine-reason.ts";
import { beginFiles, type WorkOptions } from "../../../system/runtime/progress.ts";
import { isLawful } from "../../transaction/journal/lawful-places.ts";
import { type Change, changedFault, judgeEntry } from "../../transaction/judge-entry.ts";
import { type LeavingEntry, placeOf, type TransactionPlan } from "../../transaction/transaction-plan.ts";

/** Which files to examine. */
export interface Examination extends WorkOptions {
  readonly root: AnchoredRoot;
  readonly plan: Pick<TransactionPlan, "moves">;
  readonly fs: FileSystem;
}

/** Fails with UNDO_TARGET_CHANGED and all that changed. Throws an Interruption when the signal fired, and what the system says. */
export async function examineRestored(examination: Examination): Promise<RestoreFault | undefined> {
  const {
    plan: { moves },
    progress,
    signal,
  } = examination;
  const changed: ChangedTarget[] = [];
  const buffer = makeReadBuffer();
  const tally = beginFiles(progress, "check", { files: moves.length });
  for (let index = 0; index < moves.length; index++) {
    const move = itemAt(moves, index);
    const change = await changeOf(examination, move, buffer);
    if (change !== undefined) changed.push({ path: move.path, change });
    tally.countFile();
    tally.tell();
    await breathe(index, signal);
  }
  return changed.length === 0 ? undefined : changedFault("restored", "PLAN", changed);
}

async function changeOf(
  { fs, root, signal }: Examination,
  move: LeavingEntry,
  buffer: Uint8Array,
): Promise<Change | undefined> {
  const place = placeOf(move);
  // A link on the way leads to a path where no restore puts files.
  if (!isLawful(place)) return "missing";
  try {
    return await driveSteps(judgeEntry(root.addressOf(place), move.expected, { buffer, fs }), signal);
  } catch (thrown) {
    const errno = errnoOf(thrown) ?? "";
    if (["ENOENT", "ENOTDIR"].includes(errno)) return "missing";
    // Something else got the name since it was looked at.
    if (["EINVAL", "ELOOP", "ENXIO"].includes(errno)) return "other-type";
    throw thrown;
  }
}
