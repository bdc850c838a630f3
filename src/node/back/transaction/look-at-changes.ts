/**
 * Looks at everything again before the commit: what was put in place by walking from the root anew, and what was set aside, into
 * which a process that held it open may have written.
 *
 * @module
 */

import { decodeUtf8, itemAt, type OutputPath, type RestoreFault } from "../../../core/internal.ts";
import { OPEN_SOURCE } from "../../system/files/file-system.ts";
import { isFileAt } from "../../system/files/made-entry.ts";
import { makeReadBuffer } from "../../system/hashing/hash-file.ts";
import { breathe, driveSteps } from "../../system/runtime/interruption.ts";
import { errnoOf } from "../../system/runtime/machine-reason.ts";
import { beginFiles } from "./begin-files.ts";
import { folderOf, nameOf } from "./journal/places.ts";
import { enterIfThere } from "./journal/reach-folder.ts";
import { heldName, movedName } from "./journal/staging.ts";
import { type Change, judgeEntry } from "./judge-entry.ts";
import type { OpenTransaction } from "./open-transaction.ts";
import { checkOutput } from "./output-file.ts";

/**
 * Checks every file and link in its place, with its mode, and that every file that got a mode kept its place. Throws an Interruption
 * when the signal fired, and what the system says.
 */
export async function lookAtPuts(open: OpenTransaction): Promise<RestoreFault | undefined> {
  const { afresh, fs, plan, request } = open;
  if (plan.puts.length + plan.modes.length === 0) return undefined;
  const tally = beginFiles(request.progress, "check", { files: plan.puts.length });
  const count = (bytes: number): void => tally.countBytes(bytes);
  const checking = { buffer: makeReadBuffer(), fs, usesPool: false, count };
  for (let index = 0; index < plan.puts.length; index++) {
    const { path, state } = itemAt(plan.puts, index);
    if (state.kind === "link") {
      const change = changeOfLink(open, path, state.target);
      if (change !== undefined) return open.changed("VERIFY", [{ path, change }]);
    } else {
      const address = (): number => afresh.holder(path).open(nameOf(path), OPEN_SOURCE);
      // A path of a plan obeys the law of paths.
      const placed = { ...state, path: path as OutputPath };
      const fault = await driveSteps(checkOutput(placed, address, checking), request.signal);
      if (fault !== undefined) return fault;
    }
    tally.countFile();
    tally.tell();
    await breathe(index, request.signal);
  }
  const moved = plan.modes.find(
    ({ kind, path }, index) => kind === "file" && !isHeldInPlace(open, path, index),
  );
  return moved && open.changed("VERIFY", [{ path: moved.path, change: "missing" }]);
}

function changeOfLink({ afresh }: OpenTransaction, path: string, target: string): Change | undefined {
  try {
    return decodeUtf8(afresh.holder(path).readlinkBytes(nameOf(path))) === target
      ? undefined
      : "other-target";
  } catch (thrown) {
    const errno = errnoOf(thrown) ?? "";
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(errno)) return "missing";
    if (errno === "EINVAL") return "other-type";
    throw thrown;
  }
}

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
    if (!request.readsAgain && isUntouched(open, index)) continue;
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
