/**
 * Looks at everything again before the commit: what was put in place by walking from the root anew, and what was set aside, into
 * which a process that held it open may have written.
 *
 * @module
 */

import { itemAt, type RestoreFault } from "../../../core/internal.ts";
import { isFileAt } from "../../system/files/made-entry.ts";
import { makeReadBuffer } from "../../system/hashing/hash-file.ts";
import { breathe, driveSteps } from "../../system/runtime/interruption.ts";
import { folderOf, nameOf } from "./journal/places.ts";
import { enterIfThere } from "./journal/reach-folder.ts";
import { heldName, movedName } from "./journal/staging.ts";
import { judgeEntry } from "./judge-entry.ts";
import type { OpenTransaction } from "./open-transaction.ts";
import { checkEntries } from "./work/check-entries.ts";

/**
 * Checks everything in its place, and that every file that got a mode kept its place. Fails as `checkEntries` does, an undo of runs
 * with UNDO_TARGET_CHANGED. Throws an
 * Interruption when the signal fired, and what the system says.
 */
export async function lookAtPuts(open: OpenTransaction): Promise<RestoreFault | undefined> {
  const { fs, placed, plan, request } = open;
  const fault = await checkEntries(request, placed, fs);
  if (fault !== undefined) return request.act === "revert" ? changedAgain(open, fault) : fault;
  const moved = plan.modes.find(
    ({ kind, path }, index) => kind === "file" && !isHeldInPlace(open, path, index),
  );
  return moved && open.changed("VERIFY", [{ path: moved.path, change: "missing" }]);
}

/** An undo of runs says of what it put in place, too, that another process changed it. */
function changedAgain(open: OpenTransaction, fault: RestoreFault): RestoreFault {
  const { aspect, path = "" } = fault.details;
  const isThere = (): boolean => enterIfThere(open.afresh, folderOf(path))?.has(nameOf(path)) === true;
  if (fault.code === "RESTORE_HASH_MISMATCH_AFTER_RESTORE")
    return open.changed("VERIFY", [{ path, change: aspect === undefined ? "other-bytes" : CHANGES[aspect] }]);
  if (fault.code !== "RESTORE_OUTPUT_MISSING_AFTER_RESTORE") return fault;
  return open.changed("VERIFY", [{ path, change: isThere() ? "other-type" : "missing" }]);
}

const CHANGES = { kind: "other-type", mode: "other-mode", target: "other-target" } as const;

/** Whether a file that got a mode still has its name. `index` is the number of the mode. */
function isHeldInPlace({ afresh, plan, staging }: OpenTransaction, path: string, index: number): boolean {
  const held = staging.dir.stats(heldName(plan.moves.length + index));
  const folder = enterIfThere(afresh, folderOf(path));
  return folder !== undefined && held !== undefined && isFileAt(folder, nameOf(path), held);
}

/** Judges again what was set aside. Throws an Interruption when the signal fired, and what the system says. */
export async function lookAtAside(open: OpenTransaction): Promise<RestoreFault | undefined> {
  const { fs, plan, request, staging } = open;
  const judging = { buffer: makeReadBuffer(), fs };
  for (let index = 0; index < plan.moves.length; index++) {
    const name = movedName(index);
    // A process may have mapped a file of a guarded folder: its times don't show what it wrote.
    if (request.act !== "revert" && isUntouched(open, index)) continue;
    const { expected, path } = itemAt(plan.moves, index);
    const judged = judgeEntry(staging.address(name), expected, judging);
    const change = await driveSteps(judged, request.signal);
    if (change !== undefined) return open.changed("VERIFY", [{ path, change }]);
    await breathe(index, request.signal);
  }
  return undefined;
}

/** Whether what was set aside is as it was then, by its times: both, for one alone may be as coarse as a tick of the clock. */
function isUntouched({ asideTimes, heldTimes, staging }: OpenTransaction, index: number): boolean {
  const found = staging.dir.stats(movedName(index));
  return found?.ctimeNs === asideTimes[index] && found?.mtimeNs === heldTimes[index];
}
