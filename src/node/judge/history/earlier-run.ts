/**
 * The run that is a number of runs before the newest one.
 *
 * @module
 */

import { ok, type Result } from "../../../core/internal.ts";
import { lookIntoOwn } from "../../records/project/own-folder.ts";
import { findPreviousRun } from "../../records/project/previous-run.ts";
import { type WalkedRun, walkBack } from "../../records/project/walk-history.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import type { Environment } from "../../system/runtime/user-home.ts";

/**
 * Finds the run that is `back` runs before the one of HEAD, by the links of the bundles; `undefined` where the history is shorter. Snapshots
 * of a guard don't count. Proves nothing: the caller verifies the bundle. Fails as `findPreviousRun` does, and with READ_FAILED.
 */
export function findEarlierRun(
  home: string,
  environment: Environment,
  back: number,
): Result<string | undefined, OperationFault> {
  return lookIntoOwn<string | undefined>(home, ({ folder, root, shown }) => {
    if (folder === undefined) return ok(undefined);
    const head = findPreviousRun({ environment, folder, home: root, shown });
    if (!head.ok || head.value === undefined) return head.ok ? ok(undefined) : head;
    let left = back;
    for (const { open } of walkBack(folder, head.value)) {
      const run = open();
      if (run !== undefined && !isSnapshot(run) && left-- === 0) return ok(run.runId);
    }
    return ok(undefined);
  });
}

/** An undo is a run, and what it makes is its snapshot. */
function isSnapshot({ taskSpec }: WalkedRun): boolean {
  return taskSpec.get("kind") === "snapshot" && taskSpec.get("moment") !== "revert";
}
