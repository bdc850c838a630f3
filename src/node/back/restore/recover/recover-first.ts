/**
 * A restore or undo never starts above an unresolved one: it recovers that first, or refuses (PROTOCOL 13.9).
 *
 * @module
 */

import { ok, type Result, restoreFault } from "../../../../core/internal.ts";
import type { FileSystem } from "../../../system/files/file-system.ts";
import { Interruption } from "../../../system/runtime/interruption.ts";
import type { Progress } from "../../../system/runtime/progress.ts";
import { checkDescriptors } from "../../transaction/enough-descriptors.ts";
import type { JournalKeys } from "../../transaction/journal/journal-key.ts";
import { astrayFacts } from "../../transaction/journal/transaction-end.ts";
import {
  isRecovered,
  keepOthersOut,
  type Recovery,
  type RecoveryEnd,
  type RestoreFailure,
  refused,
  systemFault,
} from "../../transaction/restore-failure.ts";
import type { Target } from "../target/target-root.ts";
import { InterruptedRestore } from "./interrupted-restore.ts";
import { hasNewRoots, recoverNewRoots } from "./recover-new-root.ts";
import { hasLeftovers, recoverRoot, surveyRoot } from "./recover-restores.ts";

/**
 * Recovers a target, then does the work, and reports both. Without leftovers, the recovery writes nothing. A dry run only
 * reads: if a recovery would come first, the result of the work can't be predicted.
 *
 * Fails with RESTORE_BUSY, with RECOVER_FOREIGN_JOURNAL, and with RESTORE_UNRESOLVED where no good state is reached;
 * with RESTORE_STATE_UNAVAILABLE or RESTORE_TOO_FEW_DESCRIPTORS before anything is recovered. Throws an InterruptedRestore
 * when the work was interrupted after a recovery.
 */
export async function afterRecovery<Outcome extends object>(
  target: Target,
  { dryRun, keys, progress }: RecoverFirst,
  work: () => Promise<Outcome>,
  fs: FileSystem,
): Promise<(Outcome & Recovered) | RestoreFailure> {
  const first = dryRun
    ? await surveyFirst(target, keys, progress, fs)
    : await recoverFirst(target, keys, progress, fs);
  if (!first.ok) return first;
  const { recovered } = first.value;
  try {
    // Not spread: that would read the outcome's lazy members.
    return Object.assign(await work(), first.value);
  } catch (thrown) {
    if (!(thrown instanceof Interruption) || recovered.length === 0) throw thrown;
    throw new InterruptedRestore(recovered, thrown);
  }
}

/** How to recover first. */
export interface RecoverFirst {
  readonly dryRun: boolean;
  readonly keys: JournalKeys;
  readonly progress: Progress | undefined;
}

/** What was recovered. */
export interface Recovered {
  readonly recovered: readonly Recovery[];
  /** Staging folders beside a new root that were left alone: nothing shows whether their owners live. */
  readonly left: readonly string[];
}

async function recoverFirst(
  target: Target,
  keys: JournalKeys,
  progress: Progress | undefined,
  fs: FileSystem,
): Promise<Result<Recovered, RestoreFailure>> {
  const recovered: Recovery[] = [];
  const left: string[] = [];
  try {
    if (!isAnythingLeft(target)) return ok({ recovered, left });
    const shared = target.kind === "existing" ? keepOthersOut(target.root, fs) : undefined;
    if (shared !== undefined) return refused(shared);
    const key = keys.read();
    if (!key.ok) return refused(key);
    const short = checkDescriptors("PREFLIGHT");
    if (short !== undefined) return refused(short);
    const way = { key: key.value, progress };
    if (target.kind === "new") {
      await recoverNewRoots({ ...target, ...way, dryRun: false, nameless: false }, { recovered, left }, fs);
    } else {
      const fault = await recoverRoot(target.root, recovered, way, fs);
      if (fault !== undefined) return unrecovered(refused(fault), recovered);
    }
  } catch (thrown) {
    return unrecovered(refused(systemFault(thrown)), recovered);
  }
  const failure = judgeRecovery(recovered);
  return failure === undefined ? ok({ recovered, left }) : unrecovered(failure, recovered);
}

/** A recovery that failed after it may have changed something. */
export function unrecovered(failure: RestoreFailure, recovered: readonly Recovery[]): RestoreFailure {
  const wrote = recovered.some(({ end }) => end !== "alive" && end !== "foreign");
  return { ...failure, recovered, wrote };
}

async function surveyFirst(
  target: Target,
  keys: JournalKeys,
  progress: Progress | undefined,
  fs: FileSystem,
): Promise<Result<Recovered, RestoreFailure>> {
  const nothing = ok({ recovered: [], left: [] });
  try {
    if (target.kind === "new" || !isAnythingLeft(target)) return nothing;
    const key = keys.read();
    if (!key.ok) return refused(key);
    const found = await surveyRoot(target.root, { key: key.value, progress }, fs);
    const failure = judgeRecovery(found);
    if (failure !== undefined) return { ...failure, recovered: found.filter(({ end }) => end === "foreign") };
    // Without a journal nothing was changed, and a committed transaction needs clean-up only.
    const isInTheWay = found.some(({ act, end }) => act !== undefined && end === "nothing");
    return isInTheWay ? refused(restoreFault("PREFLIGHT", "RESTORE_UNRESOLVED")) : nothing;
  } catch (thrown) {
    return refused(systemFault(thrown));
  }
}

/** Whether there may be something to recover. Throws what the system says. */
function isAnythingLeft(target: Target): boolean {
  return target.kind === "new" ? hasNewRoots(target.parent) : hasLeftovers(target.root);
}

/**
 * `undefined` if every recovery ended well; else the failure: RESTORE_BUSY if a restore lives,
 * RECOVER_FOREIGN_JOURNAL if a journal is not this user's, RESTORE_UNRESOLVED, or UNDO_TARGET_CHANGED if nothing but files that were
 * edited since is in the way.
 */
export function judgeRecovery(recovered: readonly Recovery[]): RestoreFailure | undefined {
  if (isRecovered(recovered)) return undefined;
  const has = (end: RecoveryEnd): boolean => recovered.some((recovery) => recovery.end === end);
  const astray = recovered.flatMap((recovery) => recovery.astray);
  if (isRecovered(recovered.filter(({ end }) => end !== "changed"))) {
    const changed = astray.map((path) => ({ path, change: "other-bytes" }) as const);
    return {
      ...refused(restoreFault("PREFLIGHT", "UNDO_TARGET_CHANGED", { reason: "restored", changed })),
      recovered,
    };
  }
  const details = astrayFacts({
    astray,
    edited: recovered.flatMap((recovery) => recovery.edited),
    moved: recovered.flatMap((recovery) => recovery.moved),
    occupied: recovered.flatMap((recovery) => recovery.occupied),
  });
  const code = has("alive")
    ? "RESTORE_BUSY"
    : has("foreign")
      ? "RECOVER_FOREIGN_JOURNAL"
      : "RESTORE_UNRESOLVED";
  return { ...refused(restoreFault("PREFLIGHT", code, details)), recovered };
}
