/**
 * A restore never starts above an unresolved one: it recovers that first, or refuses (PROTOCOL 13.9).
 *
 * @module
 */

import { ok, type Result, restoreFault } from "../../core/index.ts";
import type { FileSystem } from "../files/file-system.ts";
import { machineReason } from "../files/machine-reason.ts";
import { hasLeftovers, isRecovered, type Recovery, recoverRoot } from "./recover.ts";
import { recoverNewRoots } from "./recover-new-root.ts";
import { type RestoreFailure, refused } from "./restore-outcome.ts";
import type { Target } from "./target-root.ts";

/**
 * Recovers what is left in a target. Nothing is written where nothing was left. Fails with RESTORE_BUSY, and
 * with RESTORE_UNRESOLVED where a recovery reached neither of the two good states.
 */
export async function recoverFirst(
  target: Target,
  fs: FileSystem,
): Promise<Result<readonly Recovery[], RestoreFailure>> {
  try {
    const recovered = await recoverTarget(target, fs);
    return recovered.ok ? judgeRecovery(recovered.value) : recovered;
  } catch (thrown) {
    const reason = machineReason(thrown);
    if (reason === undefined) throw thrown;
    return refused(restoreFault("PREFLIGHT", "RESTORE_INTERNAL_ERROR", { reason }));
  }
}

async function recoverTarget(
  target: Target,
  fs: FileSystem,
): Promise<Result<readonly Recovery[], RestoreFailure>> {
  if (target.kind === "new") {
    return ok(await recoverNewRoots({ path: target.path, dryRun: false, nameless: false }, fs));
  }
  if (!hasLeftovers(target.root, fs)) return ok([]);
  const recovered = await recoverRoot(target.root, target.path, fs);
  return recovered.ok ? recovered : refused({ ...recovered, phase: "PREFLIGHT" });
}

/**
 * Whether all that was found is in one of the two good states. Fails with RESTORE_BUSY where a restore lives,
 * else with RESTORE_UNRESOLVED.
 */
export function judgeRecovery(recovered: readonly Recovery[]): Result<readonly Recovery[], RestoreFailure> {
  if (isRecovered(recovered)) return ok(recovered);
  const isAlive = recovered.some(({ end }) => end === "alive");
  const astray = recovered.flatMap((recovery) => recovery.astray);
  const details = astray.length === 0 ? {} : { astray };
  const fault = restoreFault("PREFLIGHT", isAlive ? "RESTORE_BUSY" : "RESTORE_UNRESOLVED", details);
  return { ...refused(fault), recovered };
}
