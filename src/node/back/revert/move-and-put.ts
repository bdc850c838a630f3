/** Moves aside what goes or is replaced, and puts in place what comes. @module */

import { itemAt, type RestoreFault } from "../../../core/internal.ts";
import { makeReadBuffer } from "../../system/hashing/hash-file.ts";
import { breathe, driveSteps } from "../../system/runtime/interruption.ts";
import { Tally } from "../../system/runtime/progress.ts";
import { movedName } from "../restore/journal/staging.ts";
import { isForCaller } from "../restore/target/run-transaction.ts";
import { faultOf } from "../restore/work/output-task.ts";
import { type Applying, beginFiles } from "./applying.ts";
import { changedFault, judgeEntry } from "./judge-moved.ts";

/**
 * Moves everything aside that goes, and judges each only then. Fails at the first that is not what the plan expects. Throws an
 * Interruption when the signal fired.
 */
export async function moveAll({
  fs,
  plan: { moves },
  progress,
  signal,
  transaction,
}: Applying): Promise<RestoreFault | undefined> {
  const tally = new Tally(beginFiles(progress, "move", { files: moves.length }));
  const judging = { buffer: makeReadBuffer(), fs };
  for (let index = 0; index < moves.length; index++) {
    const { expected, path } = itemAt(moves, index);
    const address = transaction.staging.address(movedName(index));
    try {
      const fault = transaction.moveAside(index);
      if (fault !== undefined) return fault;
      const change = await driveSteps(judgeEntry(address, expected, judging), signal);
      if (change !== undefined) return changedFault("EXECUTE", path, change);
    } catch (thrown) {
      if (isForCaller(thrown)) throw thrown;
      return faultOf(thrown, "EXECUTE", "RESTORE_FINALIZE_FAILED", path);
    }
    tally.countFile();
    tally.tell();
    await breathe(index, signal);
  }
  return undefined;
}

/** Puts everything in place that was staged. Fails where a name is taken. Throws an Interruption when the signal fired. */
export async function putAll({
  plan: { puts },
  progress,
  signal,
  transaction,
}: Applying): Promise<RestoreFault | undefined> {
  const tally = new Tally(beginFiles(progress, "place", { files: puts.length }));
  for (let index = 0; index < puts.length; index++) {
    try {
      transaction.put(index);
    } catch (thrown) {
      return faultOf(thrown, "EXECUTE", "RESTORE_FINALIZE_FAILED", itemAt(puts, index).path);
    }
    tally.countFile();
    tally.tell();
    await breathe(index, signal);
  }
  return undefined;
}
