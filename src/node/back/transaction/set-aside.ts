/**
 * Sets everything aside that goes or is replaced: whatever has the name by now is renamed into staging, and must be what was held. A
 * file that another process saved in that instant is found there, and not lost.
 *
 * @module
 */

import { itemAt, type RestoreFault } from "../../../core/internal.ts";
import { isSame } from "../../system/files/made-entry.ts";
import { makeReadBuffer } from "../../system/hashing/hash-file.ts";
import { breathe, driveSteps } from "../../system/runtime/interruption.ts";
import { errnoOf } from "../../system/runtime/machine-reason.ts";
import { beginFiles } from "../../system/runtime/progress.ts";
import { components, foldersOf, nameOf } from "./journal/places.ts";
import { heldName, movedName } from "./journal/staging.ts";
import { type Change, judgeEntry } from "./judge-entry.ts";
import type { OpenTransaction } from "./open-transaction.ts";
import { isForCaller } from "./run-transaction.ts";
import { type LeavingEntry, placeOf } from "./transaction-plan.ts";
import { faultOf } from "./work/fault-of.ts";

/** Sets aside, durably. Fails at the first that is not what was held. Throws an Interruption when the signal fired. */
export async function setAside(open: OpenTransaction): Promise<RestoreFault | undefined> {
  const { fs, journal, plan, request, root, staging } = open;
  if (plan.moves.length === 0) return undefined;
  const tally = beginFiles(request.progress, request.act === "undo" ? "remove" : "move", {
    files: plan.moves.length,
  });
  for (let index = 0; index < plan.moves.length; index++) {
    const move = itemAt(plan.moves, index);
    try {
      const change = takeAside(open, move, index) ?? (await changeSinceHeld(open, move, index));
      if (change !== undefined) return open.changed("EXECUTE", [{ path: move.path, change }]);
    } catch (thrown) {
      if (isForCaller(thrown)) throw thrown;
      return faultOf(thrown, "EXECUTE", "RESTORE_FINALIZE_FAILED", move.path);
    }
    tally.countFile();
    tally.tell();
    await breathe(index, request.signal);
  }
  for (const folder of foldersOf(journal.aside)) {
    // [moved-from] Before a folder is taken out, and before a name is given again.
    fs.fsyncSync(root.folder(components(folder)).fd);
  }
  // [moved-aside] A rename out of a folder is durable once both folders are.
  staging.sync();
  return undefined;
}

function takeAside(
  { root, staging }: OpenTransaction,
  move: LeavingEntry,
  index: number,
): Change | undefined {
  try {
    const place = placeOf(move);
    root.holder(place).rename(nameOf(place), staging.dir, movedName(index));
    return undefined;
  } catch (thrown) {
    if (!["ENOENT", "ENOTDIR", "ELOOP"].includes(errnoOf(thrown) ?? "")) throw thrown;
    return "missing";
  }
}

/** Bytes are read only if it is another file than the held one, or was written to since: its name is gone by now. */
async function changeSinceHeld(
  { asideTimes, fs, heldTimes, request, staging }: OpenTransaction,
  { expected }: LeavingEntry,
  index: number,
): Promise<Change | undefined> {
  const [aside, held] = [movedName(index), heldName(index)].map((name) => staging.dir.stats(name));
  if (aside === undefined) return "missing";
  const isHeld = held !== undefined && isSame(aside, held) && aside.mtimeNs === heldTimes[index];
  heldTimes[index] = aside.mtimeNs;
  asideTimes[index] = aside.ctimeNs;
  if (isHeld) return undefined;
  const judging = { buffer: makeReadBuffer(), fs };
  return await driveSteps(judgeEntry(staging.address(movedName(index)), expected, judging), request.signal);
}
