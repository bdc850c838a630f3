/**
 * Looks at everything again before the commit: what was put in place by walking from the root anew, and what was moved aside, into
 * which a process that held it open may have written.
 *
 * @module
 */

import {
  decodeUtf8,
  itemAt,
  type OutputPath,
  type PlannedPut,
  type RestoreFault,
} from "../../../core/internal.ts";
import { OPEN_SOURCE } from "../../system/files/file-system.ts";
import { makeReadBuffer } from "../../system/hashing/hash-file.ts";
import { breathe, driveSteps } from "../../system/runtime/interruption.ts";
import { errnoOf } from "../../system/runtime/machine-reason.ts";
import { Tally } from "../../system/runtime/progress.ts";
import { movedName } from "../restore/journal/staging.ts";
import { checkOutput } from "../restore/work/output-file.ts";
import { type Applying, beginFiles } from "./applying.ts";
import { type Change, changedFault, judgeEntry } from "./judge-moved.ts";

/**
 * Checks every file and link in its place, with its mode, and that every held file kept its place. Throws an Interruption when the
 * signal fired, and what the system says.
 */
export async function checkPuts(applying: Applying): Promise<RestoreFault | undefined> {
  const { fs, plan, progress, signal, transaction } = applying;
  const tally = new Tally(beginFiles(progress, "check", { files: plan.puts.length }));
  const count = (bytes: number): void => tally.countBytes(bytes);
  const checking = { buffer: makeReadBuffer(), fs, usesPool: false, count };
  for (let index = 0; index < plan.puts.length; index++) {
    const { path, state } = itemAt(plan.puts, index);
    if (state.kind === "link") {
      const change = changeOfLink(applying, path, state.target);
      if (change !== undefined) return changedFault("VERIFY", path, change);
    } else {
      const open = (): number => fs.openSync(transaction.afresh.addressOf(path), OPEN_SOURCE);
      // A path of a plan obeys the law of paths.
      const placed = { ...state, path: path as OutputPath };
      const fault = await driveSteps(checkOutput(placed, open, checking), signal);
      if (fault !== undefined) return fault;
    }
    tally.countFile();
    tally.tell();
    await breathe(index, signal);
  }
  for (const [index, { kind, path }] of plan.modes.entries()) {
    if (kind === "file" && !transaction.isHeldInPlace(index)) return changedFault("VERIFY", path, "missing");
  }
  return undefined;
}

function changeOfLink(
  { fs, transaction }: Applying,
  path: PlannedPut["path"],
  target: string,
): Change | undefined {
  try {
    const address = transaction.afresh.addressOf(path);
    return decodeUtf8(fs.readlinkSync(address, { encoding: "buffer" })) === target
      ? undefined
      : "other-target";
  } catch (thrown) {
    const errno = errnoOf(thrown) ?? "";
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(errno)) return "missing";
    if (errno === "EINVAL") return "other-type";
    throw thrown;
  }
}

/** Judges again what was moved aside. Throws an Interruption when the signal fired, and what the system says. */
export async function checkMoved({
  fs,
  plan: { moves },
  signal,
  transaction,
}: Applying): Promise<RestoreFault | undefined> {
  const judging = { buffer: makeReadBuffer(), fs };
  for (let index = 0; index < moves.length; index++) {
    const { expected, path } = itemAt(moves, index);
    const address = transaction.staging.address(movedName(index));
    const change = await driveSteps(judgeEntry(address, expected, judging), signal);
    if (change !== undefined) return changedFault("VERIFY", path, change);
    await breathe(index, signal);
  }
  return undefined;
}
