/**
 * A restore never starts above an unresolved one: it recovers that first, or refuses (PROTOCOL 13.9). So does an
 * undo.
 *
 * @module
 */

import { ok, type Result, restoreFault } from "../../core/index.ts";
import type { FileSystem } from "../files/file-system.ts";
import { Interruption } from "../interruption.ts";
import type { Progress } from "../progress.ts";
import { InterruptedRestore } from "./interrupted-restore.ts";
import { hasLeftovers, isRecovered, type Recovery, recoverRoot, surveyRoot } from "./recover.ts";
import { recoverNewRoots } from "./recover-new-root.ts";
import { cannotLook, type RestoreFailure, refused } from "./restore-outcome.ts";
import type { Target } from "./target-root.ts";

/**
 * Recovers what is left in a target, then does the work, and tells of both. Nothing is written where nothing was left.
 * A dry run only looks: where a recovery would come first, nobody can tell what the work would find then.
 *
 * Fails with RESTORE_BUSY, and with RESTORE_UNRESOLVED where neither of the two good states is reached. Throws an
 * InterruptedRestore when the work was interrupted after a recovery.
 */
export async function afterRecovery<Outcome extends object>(
  target: Target,
  dryRun: boolean,
  work: () => Promise<Outcome>,
  progress: Progress | undefined,
  fs: FileSystem,
): Promise<(Outcome & { readonly recovered: readonly Recovery[] }) | RestoreFailure> {
  const recovered = dryRun
    ? await surveyFirst(target, progress, fs)
    : await recoverFirst(target, progress, fs);
  if (!recovered.ok) return recovered;
  try {
    // Not spread: what an outcome tells when it is asked is not to be asked here.
    return Object.assign(await work(), { recovered: recovered.value });
  } catch (thrown) {
    if (!(thrown instanceof Interruption) || recovered.value.length === 0) throw thrown;
    throw new InterruptedRestore(recovered.value, thrown);
  }
}

async function recoverFirst(
  target: Target,
  progress: Progress | undefined,
  fs: FileSystem,
): Promise<Result<readonly Recovery[], RestoreFailure>> {
  const recovered: Recovery[] = [];
  try {
    if (target.kind === "new") {
      await recoverNewRoots({ ...target, dryRun: false, nameless: false, progress }, recovered, fs);
    } else if (hasLeftovers(target.root, fs)) {
      const fault = await recoverRoot(target.root, target.path, recovered, progress, fs);
      if (fault !== undefined) return { ...refused(fault), recovered };
    }
  } catch (thrown) {
    return { ...refused(cannotLook(thrown)), recovered };
  }
  return judgeRecovery(recovered) ?? ok(recovered);
}

async function surveyFirst(
  target: Target,
  progress: Progress | undefined,
  fs: FileSystem,
): Promise<Result<readonly Recovery[], RestoreFailure>> {
  if (target.kind === "new") return ok([]);
  try {
    const found = await surveyRoot(target.root, progress, fs);
    if (found.some(({ end }) => end === "alive")) return refused(restoreFault("PREFLIGHT", "RESTORE_BUSY"));
    return found.some(isInTheWay) ? refused(restoreFault("PREFLIGHT", "RESTORE_UNRESOLVED")) : ok([]);
  } catch (thrown) {
    return refused(cannotLook(thrown));
  }
}

/** One that wrote down nothing changed nothing either, and one that is committed is as good as over. */
function isInTheWay({ act, end }: Recovery): boolean {
  return end === "damaged" || (act !== undefined && end === "nothing");
}

/**
 * Whether all that was found is in one of the two good states; else the failure: RESTORE_BUSY where a restore lives,
 * or RESTORE_UNRESOLVED.
 */
export function judgeRecovery(recovered: readonly Recovery[]): RestoreFailure | undefined {
  if (isRecovered(recovered)) return undefined;
  const isAlive = recovered.some(({ end }) => end === "alive");
  const astray = recovered.flatMap((recovery) => recovery.astray);
  const details = astray.length === 0 ? {} : { astray };
  const fault = restoreFault("PREFLIGHT", isAlive ? "RESTORE_BUSY" : "RESTORE_UNRESOLVED", details);
  return { ...refused(fault), recovered };
}
