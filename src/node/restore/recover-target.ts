/**
 * `recover`: bringing a folder into one of its two good states, and saying what was found (PROTOCOL 13.9).
 *
 * @module
 */

import type { RestoreFault } from "../../core/index.ts";
import { type FileSystem, nodeFileSystem } from "../files/file-system.ts";
import type { Progress } from "../progress.ts";
import { hasLeftovers, isRecovered, type Recovery, recoverRoot, surveyRoot } from "./recover.ts";
import { judgeRecovery } from "./recover-first.ts";
import { recoverArrivedRoots, recoverNewRoots } from "./recover-new-root.ts";
import { cannotLook, type RestoreFailure, refused, refusedByPlatform } from "./restore-outcome.ts";
import { closeTarget, openTarget, type Target } from "./target-root.ts";

/** Which folder to recover. */
export interface RecoverRequest {
  /** An absolute path. It need not be there, where a restore was to make it. */
  readonly target: string;
  /** Only say what there is. */
  readonly dryRun?: boolean;
  /** Who is told how far it is. */
  readonly progress?: Progress | undefined;
}

/** The folder is in one of its two good states; or it would be, after a dry run. */
export interface RecoverSuccess {
  readonly ok: true;
  /** What was found; empty where nothing was left behind. */
  readonly recovered: readonly Recovery[];
  /** Whether there is a folder of that path at all: where there is none, `recovered` tells of one that was to be made. */
  readonly isThere: boolean;
}

/**
 * Recovers a folder. Fails with RESTORE_BUSY where somebody is at work there, RESTORE_UNRESOLVED where neither
 * good state could be reached, RESTORE_IN_DOUBT where one was that may not survive a power cut, and the codes of
 * PREFLIGHT for a folder that can't be opened. What was found up to then is told in any case.
 */
export async function recoverTarget(
  request: RecoverRequest,
  fs: FileSystem = nodeFileSystem,
): Promise<RecoverSuccess | RestoreFailure> {
  const unsupported = refusedByPlatform();
  if (unsupported !== undefined) return unsupported;
  const opened = openTarget(request.target, true, fs);
  if (!opened.ok) return refused(opened);
  const target = opened.value;
  const recovered: Recovery[] = [];
  try {
    const fault = await recoverAll(target, request, recovered, fs);
    const failure = fault === undefined ? judge(recovered) : refused(fault);
    if (failure === undefined) return { ok: true, recovered, isThere: target.kind === "existing" };
    return { ...failure, recovered, wrote: request.dryRun !== true && recovered.some(wasChanged) };
  } finally {
    closeTarget(target);
  }
}

async function recoverAll(
  target: Target,
  { dryRun = false, progress }: RecoverRequest,
  recovered: Recovery[],
  fs: FileSystem,
): Promise<RestoreFault | undefined> {
  try {
    if (target.kind === "new") {
      await recoverNewRoots({ ...target, dryRun, nameless: true, progress }, recovered, fs);
      return undefined;
    }
    await recoverArrivedRoots(target.path, { dryRun, progress }, recovered, fs);
    if (dryRun) recovered.push(...(await surveyRoot(target.root, progress, fs)));
    else if (hasLeftovers(target.root, fs)) {
      return await recoverRoot(target.root, target.path, recovered, progress, fs);
    }
    return undefined;
  } catch (thrown) {
    return cannotLook(thrown);
  }
}

function wasChanged({ end }: Recovery): boolean {
  return end !== "alive" && end !== "damaged";
}

/** Where all that is wrong is doubt, everything is in place: that is no unresolved one. */
function judge(recovered: readonly Recovery[]): RestoreFailure | undefined {
  const failure = judgeRecovery(recovered);
  const isInDoubt = recovered.some(({ end }) => end === "in-doubt");
  const isOnlyDoubt = isInDoubt && isRecovered(recovered.filter(({ end }) => end !== "in-doubt"));
  return failure === undefined || !isOnlyDoubt ? failure : { ...failure, code: "RESTORE_IN_DOUBT" };
}
