/**
 * Whether restored files are unchanged, before anything is written.
 *
 * @module
 */

import { type ChangedTarget, itemAt, type RestoreFault } from "../../../../core/internal.ts";
import type { AnchoredRoot } from "../../../system/files/anchored-root.ts";
import type { FileSystem } from "../../../system/files/file-system.ts";
import { makeReadBuffer } from "../../../system/hashing/hash-file.ts";
import { breathe, driveSteps, type Steps } from "../../../system/runtime/interruption.ts";
import { errnoOf } from "../../../system/runtime/machine-reason.ts";
import { beginFiles, type WorkOptions } from "../../../system/runtime/progress.ts";
import { isLawful } from "../../transaction/journal/lawful-places.ts";
import { type Change, changedFault, type Judging, judgeEntry } from "../../transaction/judge-entry.ts";
import { type LeavingEntry, placeOf, type TransactionPlan } from "../../transaction/transaction-plan.ts";

/** Fails with UNDO_TARGET_CHANGED and all that changed. Throws an Interruption when the signal fired, and what the system says. */
export async function examineRestored(
  root: AnchoredRoot,
  moves: TransactionPlan["moves"],
  { progress, signal }: WorkOptions,
  fs: FileSystem,
): Promise<RestoreFault | undefined> {
  const judging = { buffer: makeReadBuffer(), fs };
  const changed: ChangedTarget[] = [];
  const tally = beginFiles(progress, "check", { files: moves.length });
  for (let index = 0; index < moves.length; index++) {
    const move = itemAt(moves, index);
    const change = await driveSteps(changeOf(root, move, judging), signal);
    if (change !== undefined) changed.push({ path: move.path, change });
    tally.countFile();
    tally.tell();
    await breathe(index, signal);
  }
  return changed.length === 0 ? undefined : changedFault("restored", "PLAN", changed);
}

function* changeOf(root: AnchoredRoot, move: LeavingEntry, judging: Judging): Steps<Change | undefined> {
  const place = placeOf(move);
  // A link on the way leads to a path where no restore puts files.
  if (!isLawful(place)) return "missing";
  try {
    return yield* judgeEntry(root.addressOf(place), move.expected, judging);
  } catch (thrown) {
    const errno = errnoOf(thrown) ?? "";
    if (["ENOENT", "ENOTDIR"].includes(errno)) return "missing";
    // Something else got the name since it was looked at.
    if (["EINVAL", "ELOOP", "ENXIO"].includes(errno)) return "other-type";
    throw thrown;
  }
}
