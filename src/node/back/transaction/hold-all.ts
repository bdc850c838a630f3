/**
 * Gives everything that goes, and every file of which only the mode changes, a second name in staging, and judges it by that name: to
 * the last byte, before anything is changed. One that is not what the plan expects refuses the whole transaction.
 *
 * @module
 */

import { type ChangedTarget, itemAt, type PlannedMode, type RestoreFault } from "../../../core/internal.ts";
import { makeReadBuffer } from "../../system/hashing/hash-file.ts";
import { breathe, driveSteps } from "../../system/runtime/interruption.ts";
import { errnoOf } from "../../system/runtime/machine-reason.ts";
import { beginFiles } from "../../system/runtime/progress.ts";
import { hasPermissions } from "./folder-access.ts";
import { isLawful } from "./journal/lawful-places.ts";
import { nameOf } from "./journal/places.ts";
import { heldName } from "./journal/staging.ts";
import { type Change, judgeEntry } from "./judge-entry.ts";
import type { OpenTransaction } from "./open-transaction.ts";
import { isForCaller } from "./run-transaction.ts";
import { type LeavingEntry, placeOf } from "./transaction-plan.ts";
import { faultOf } from "./work/fault-of.ts";

/** Fails with all that is not what the plan expects. Throws an Interruption when the signal fired. */
export async function holdAll(open: OpenTransaction): Promise<RestoreFault | undefined> {
  const { fs, plan, request, staging } = open;
  const { moves, modes } = plan;
  if (moves.length + modes.length === 0) return undefined;
  const bytesOf = ({ expected }: LeavingEntry): number => ("bytes" in expected ? expected.bytes : 0);
  let bytes = 0;
  for (let index = 0; index < moves.length; index++) bytes += bytesOf(itemAt(moves, index));
  const tally = beginFiles(request.progress, "check", { files: moves.length, bytes });
  const judging = { buffer: makeReadBuffer(), fs };
  const changed: ChangedTarget[] = [];
  for (let index = 0; index < moves.length; index++) {
    const move = itemAt(moves, index);
    const { expected, path } = move;
    const name = heldName(index);
    try {
      let change = hold(open, placeOf(move), name);
      // Before the look: what is written meanwhile is noticed when the file is set aside.
      open.heldTimes[index] = staging.dir.stats(name)?.mtimeNs ?? 0n;
      change ??= await driveSteps(judgeEntry(staging.address(name), expected, judging), request.signal);
      if (change !== undefined) changed.push({ path, change });
    } catch (thrown) {
      if (isForCaller(thrown)) throw thrown;
      return faultOf(thrown, "EXECUTE", "RESTORE_FINALIZE_FAILED", path);
    }
    tally.countFile();
    tally.countBytes(bytesOf(move));
    tally.tell();
    await breathe(index, request.signal);
  }
  for (const [index, mode] of modes.entries()) {
    if (mode.kind !== "file") continue;
    try {
      const change = holdForMode(open, mode, heldName(moves.length + index));
      if (change !== undefined) changed.push({ path: mode.path, change });
    } catch (thrown) {
      return faultOf(thrown, "EXECUTE", "RESTORE_FINALIZE_FAILED", mode.path);
    }
  }
  return changed.length === 0 ? undefined : open.changed("PLAN", changed);
}

/** Gives what has a name a second one. Gives why it can't be what the plan expects. */
function hold({ root, staging }: OpenTransaction, place: string, name: string): Change | undefined {
  // A link on the way leads to a place where nothing is put.
  if (!isLawful(place)) return "missing";
  try {
    const folder = root.holder(place);
    // No system links folders.
    if (folder.lstat(nameOf(place))?.isDirectory() === true) return "other-type";
    folder.link(nameOf(place), staging.dir, name);
    return undefined;
  } catch (thrown) {
    if (!["ENOENT", "ENOTDIR", "ELOOP"].includes(errnoOf(thrown) ?? "")) throw thrown;
    return "missing";
  }
}

/** The same for a file that keeps its place: what it holds does not matter. */
function holdForMode(open: OpenTransaction, { from, path }: PlannedMode, name: string): Change | undefined {
  const change = hold(open, path, name);
  if (change !== undefined) return change;
  const held = open.staging.dir.stats(name);
  if (held?.isFile() !== true) return "other-type";
  // A mode would count for all other names of the file.
  return hasPermissions(Number(held.mode), from) && held.nlink === 2n ? undefined : "other-mode";
}
