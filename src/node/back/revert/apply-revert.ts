/** Applies the plan of a revert: all of it, or nothing. @module */

import type { RevertPlan } from "../../../core/internal.ts";
import { type FileSystem, nodeFileSystem } from "../../system/files/file-system.ts";
import type { JournalKeys } from "../transaction/journal/journal-key.ts";
import type { TransactionRequest } from "../transaction/open-transaction.ts";
import { type RestoreFailure, refused } from "../transaction/restore-failure.ts";
import type { Executed } from "../transaction/run-transaction.ts";
import { transact } from "../transaction/transact.ts";
import { type ObjectSource, workOnPuts } from "./entries-of-puts.ts";

/** What to do to which folder. */
export interface RevertRequest
  extends Pick<TransactionRequest, "origin" | "path" | "progress" | "root" | "signal"> {
  readonly plan: RevertPlan;
  /** The bytes of the files that are put in place; undefined where none is. */
  readonly objects: ObjectSource | undefined;
  readonly keys: JournalKeys;
}

/**
 * Applies a plan. Fails with RESTORE_STATE_UNAVAILABLE or RESTORE_TOO_FEW_DESCRIPTORS before anything in the folder was changed, and
 * else as `transact` does. Throws an Interruption when the signal fired and everything was taken back.
 */
export async function applyRevert(
  { keys, objects, plan, ...request }: RevertRequest,
  fs: FileSystem = nodeFileSystem,
): Promise<Executed | RestoreFailure> {
  const key = keys.obtain();
  if (!key.ok) return refused(key);
  const { puts, ...changes } = plan;
  const states = [...plan.moves.map(({ expected }) => expected), ...puts.map(({ state }) => state)];
  const needs = { links: states.some(({ kind }) => kind === "link"), modes: false };
  const how = { act: "revert", key: key.value } as const;
  const work = workOnPuts(puts, objects);
  return await transact({ ...request, ...work, ...how, plan: { ...changes, emptied: [], needs } }, fs);
}
