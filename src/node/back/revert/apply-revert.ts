/** Applies the plan of a revert: all of it, or nothing. @module */

import type { RevertPlan } from "../../../core/internal.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../../system/files/file-system.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import { checkDescriptors } from "../transaction/enough-descriptors.ts";
import type { RestoreOrigin } from "../transaction/journal/journal.ts";
import type { JournalKeys } from "../transaction/journal/journal-key.ts";
import { type RestoreFailure, refused } from "../transaction/restore-failure.ts";
import { type Executed, isForCaller } from "../transaction/run-transaction.ts";
import { transact } from "../transaction/transact.ts";
import { faultOf } from "../transaction/work/fault-of.ts";
import { type ObjectSource, workOnPuts } from "./entries-of-puts.ts";
import { giveOwnInodes } from "./linked-files.ts";

/** What to do to which folder. */
export interface RevertRequest extends WorkOptions {
  /** The folder. Nothing of an earlier transaction may be left in it: recover first. */
  readonly root: AnchoredRoot;
  /** How the caller named it. */
  readonly path: string;
  readonly plan: RevertPlan;
  /** The bytes of the files that are put in place; undefined where none is. */
  readonly objects: ObjectSource | undefined;
  /** What a recovery says of the origin. */
  readonly origin: RestoreOrigin;
  readonly keys: JournalKeys;
}

/**
 * Applies a plan. Fails with RESTORE_STATE_UNAVAILABLE or RESTORE_TOO_FEW_DESCRIPTORS before anything in the folder was changed, and
 * else as `transact` does. Throws an Interruption when the signal fired and everything was taken back.
 */
export async function applyRevert(
  request: RevertRequest,
  fs: FileSystem = nodeFileSystem,
): Promise<Executed | RestoreFailure> {
  const { keys, root, signal } = request;
  const short = checkDescriptors("EXECUTE");
  if (short !== undefined) return refused(short);
  const key = keys.obtain();
  if (!key.ok) return refused(key);
  try {
    const own = await giveOwnInodes(request.plan, root, signal, fs);
    if (!own.ok) return refused(own);
    const { puts, ...changes } = own.value;
    const { moves } = changes;
    const states = [...moves.map(({ expected }) => expected), ...puts.map(({ state }) => state)];
    const needs = { links: states.some(({ kind }) => kind === "link"), modes: false };
    const plan = { ...changes, emptied: [], needs };
    const how = { act: "revert", reason: "run", readsAgain: true } as const;
    const work = workOnPuts(puts, request.objects);
    return await transact({ ...request, ...work, ...how, plan, key: key.value }, fs);
  } catch (thrown) {
    if (isForCaller(thrown)) throw thrown;
    return refused(faultOf(thrown, "EXECUTE", "RESTORE_INTERNAL_ERROR"));
  }
}
