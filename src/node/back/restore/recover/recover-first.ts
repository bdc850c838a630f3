/**
 * A restore or undo never starts above an unresolved one: it recovers that first, or refuses (PROTOCOL 13.9).
 *
 * @module
 */

import { restoreFault } from "../../../../core/internal.ts";
import type { FileSystem } from "../../../system/files/file-system.ts";
import { Interruption } from "../../../system/runtime/interruption.ts";
import { type Recovery, type RestoreFailure, refused } from "../../transaction/restore-failure.ts";
import type { Target } from "../target/target-root.ts";
import { InterruptedRestore } from "./interrupted-restore.ts";
import { type RecoveryOrder, recoverAll } from "./recover-all.ts";
import type { NewRootsFound } from "./recover-new-root.ts";

/**
 * Recovers a target, then does the work, and reports both. Without leftovers, the recovery writes nothing. A dry run only
 * reads: if a recovery would come first, the result of the work can't be predicted.
 *
 * Fails as `recoverAll` does. Throws an InterruptedRestore when the work was interrupted after a recovery.
 */
export async function afterRecovery<Outcome extends object>(
  target: Target,
  order: Omit<RecoveryOrder, "isAsked">,
  work: () => Promise<Outcome>,
  fs: FileSystem,
): Promise<(Outcome & Recovered) | RestoreFailure> {
  const found: NewRootsFound = { recovered: [], left: [] };
  const failure = await recoverFirst(target, order, found, fs);
  if (failure !== undefined) return failure;
  const first: Recovered = order.dryRun ? { recovered: [], left: [] } : found;
  try {
    // Not spread: that would read the outcome's lazy members.
    return Object.assign(await work(), first);
  } catch (thrown) {
    if (!(thrown instanceof Interruption) || first.recovered.length === 0) throw thrown;
    throw new InterruptedRestore(first.recovered, thrown);
  }
}

/** What was recovered. */
export interface Recovered {
  readonly recovered: readonly Recovery[];
  /** Staging folders beside a new root that were left alone: nothing shows whether their owners live. */
  readonly left: readonly string[];
}

async function recoverFirst(
  target: Target,
  order: Omit<RecoveryOrder, "isAsked">,
  found: NewRootsFound,
  fs: FileSystem,
): Promise<RestoreFailure | undefined> {
  // What is left beside a new root is not in its way.
  if (order.dryRun && target.kind === "new") return undefined;
  const failure = await recoverAll(target, { ...order, isAsked: false }, found, fs);
  if (!order.dryRun) return failure;
  const { recovered } = found;
  if (failure !== undefined)
    return { ...failure, recovered: recovered.filter(({ end }) => end === "foreign") };
  // Without a journal nothing was changed, and a committed transaction needs clean-up only.
  const isInTheWay = recovered.some(({ act, end }) => act !== undefined && end === "nothing");
  return isInTheWay ? refused(restoreFault("PREFLIGHT", "RESTORE_UNRESOLVED")) : undefined;
}
