/**
 * `recover`: bringing a folder into one of its two good states, and saying what was found (PROTOCOL 13.9).
 *
 * @module
 */

import { restoreFault } from "../../core/index.ts";
import { canAnchor } from "../files/anchored-dir.ts";
import { type FileSystem, nodeFileSystem } from "../files/file-system.ts";
import { machineReason } from "../files/machine-reason.ts";
import { hasLeftovers, type Recovery, recoverRoot, surveyRoot } from "./recover.ts";
import { judgeRecovery } from "./recover-first.ts";
import { recoverNewRoots } from "./recover-new-root.ts";
import { type RestoreFailure, refused } from "./restore-outcome.ts";
import { closeTarget, openTarget, type Target } from "./target-root.ts";

/** Which folder to recover. */
export interface RecoverRequest {
  /** An absolute path. It need not be there, where a restore was to make it. */
  readonly target: string;
  /** Only say what there is. */
  readonly dryRun?: boolean;
}

/** The folder is in one of its two good states; or it would be, after a dry run. */
export interface RecoverSuccess {
  readonly ok: true;
  /** What was found; empty where nothing was left behind. */
  readonly recovered: readonly Recovery[];
}

/**
 * Recovers a folder. Fails with RESTORE_BUSY where somebody is at work there, RESTORE_UNRESOLVED where neither
 * good state could be reached, and the codes of PREFLIGHT for a folder that can't be opened.
 */
export async function recoverTarget(
  request: RecoverRequest,
  fs: FileSystem = nodeFileSystem,
): Promise<RecoverSuccess | RestoreFailure> {
  if (!canAnchor()) {
    return refused(restoreFault("PREFLIGHT", "RESTORE_INTERNAL_ERROR", { reason: "unsupported-platform" }));
  }
  const dryRun = request.dryRun === true;
  const opened = openTarget(request.target, true, fs);
  if (!opened.ok) return refused(opened);
  const target = opened.value;
  try {
    const beside = await recoverNewRoots({ path: request.target, dryRun, nameless: true }, fs);
    const inside = await recoverInside(target, dryRun, fs);
    if ("code" in inside) return inside;
    const recovered = [...beside, ...inside];
    const judged = judgeRecovery(recovered);
    return judged.ok ? { ok: true, recovered } : { ...judged, wrote: !dryRun };
  } catch (thrown) {
    const reason = machineReason(thrown);
    if (reason === undefined) throw thrown;
    return refused(restoreFault("PREFLIGHT", "RESTORE_INTERNAL_ERROR", { reason }));
  } finally {
    closeTarget(target);
  }
}

async function recoverInside(
  target: Target,
  dryRun: boolean,
  fs: FileSystem,
): Promise<readonly Recovery[] | RestoreFailure> {
  if (target.kind === "new") return [];
  if (dryRun) return surveyRoot(target.root, fs);
  if (!hasLeftovers(target.root, fs)) return [];
  const recovered = await recoverRoot(target.root, target.path, fs);
  return recovered.ok ? recovered.value : refused({ ...recovered, phase: "PREFLIGHT" });
}
