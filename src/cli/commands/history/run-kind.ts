/** What made a bundle: a seal, a run, a snapshot or an undo. @module */

import type { SealedRun } from "../../../core/internal.ts";
import { recordedCommand } from "../../text/recorded-command.ts";

/** What made a bundle. */
export type RunKind = "seal" | "run" | "snapshot" | "revert";

/** What the signer says made a bundle; `undefined` if no signature holds. */
export function kindOf(sealed: Pick<SealedRun, "taskSpec"> | undefined): RunKind | undefined {
  if (sealed === undefined) return undefined;
  const { taskSpec } = sealed;
  if (taskSpec.get("kind") === "snapshot") return taskSpec.get("moment") === "revert" ? "revert" : "snapshot";
  return recordedCommand(taskSpec) === undefined ? "seal" : "run";
}
