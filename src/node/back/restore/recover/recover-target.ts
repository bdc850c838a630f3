/**
 * `recover`: brings a folder into one of its two good states, and reports what was found (PROTOCOL 13.9).
 *
 * @module
 */

import { type RestoreFault, withOutcome } from "../../../../core/internal.ts";
import { type FileSystem, nodeFileSystem } from "../../../system/files/file-system.ts";
import { type Protection, protection } from "../../../system/files/shared-above.ts";
import type { Progress } from "../../../system/runtime/progress.ts";
import type { Environment } from "../../../system/runtime/user-home.ts";
import { checkDescriptors } from "../../transaction/enough-descriptors.ts";
import { JournalKeys } from "../../transaction/journal/journal-key.ts";
import {
  isRecovered,
  keepOthersOut,
  type Recovery,
  type RestoreFailure,
  refused,
  systemFault,
} from "../../transaction/restore-failure.ts";
import { closeTarget, openTarget, type Target } from "../target/target-root.ts";
import { judgeRecovery, unrecovered } from "./recover-first.ts";
import { recoverArrivedRoots, recoverNewRoots } from "./recover-new-root.ts";
import { hasLeftovers, type RecoveryWay, recoverRoot, surveyRoot } from "./recover-restores.ts";

/** Which folder to recover. */
export interface RecoverRequest {
  /** An absolute path. It may be missing, if a restore was to make it. */
  readonly target: string;
  /** The user's, for the state folder with the key of journals. */
  readonly environment: Environment;
  /** Report only, change nothing. */
  readonly dryRun?: boolean;
  readonly progress?: Progress | undefined;
}

/** The folder is in a good state; or it would be, after a dry run. */
export interface RecoverSuccess {
  readonly ok: true;
  /** What was found; empty if nothing was left. */
  readonly recovered: readonly Recovery[];
  /** Whether the folder exists. If it is missing, `recovered` is about a new root. */
  readonly isThere: boolean;
  /** What kept other processes from leading the recovery elsewhere. */
  readonly protection: Protection;
}

/**
 * Recovers a folder. Fails with RESTORE_BUSY if another process is working there, RECOVER_FOREIGN_JOURNAL if a journal has no
 * valid MAC, RESTORE_PARENT_SHARED as a restore does, RESTORE_UNRESOLVED if no good state was reached, IN_DOUBT if the good state may not survive a power
 * cut, RESTORE_STATE_UNAVAILABLE if the key could not be read, RESTORE_TOO_FEW_DESCRIPTORS, and the codes of PREFLIGHT for
 * a folder that can't be opened. The result lists in any case what was found until then.
 */
export async function recoverTarget(
  request: RecoverRequest,
  fs: FileSystem = nodeFileSystem,
): Promise<RecoverSuccess | RestoreFailure> {
  const opened = openTarget(request.target, true, fs);
  if (!opened.ok) return refused(opened);
  const target = opened.value;
  using keys = new JournalKeys(request.environment, fs);
  const recovered: Recovery[] = [];
  try {
    const fault = await recoverAll(target, request, keys, recovered, fs);
    const failure = fault === undefined ? judge(recovered) : refused(fault);
    if (failure === undefined)
      return { ok: true, recovered, isThere: target.kind === "existing", protection: protection() };
    return request.dryRun === true ? { ...failure, recovered } : unrecovered(failure, recovered);
  } finally {
    closeTarget(target);
  }
}

async function recoverAll(
  target: Target,
  request: RecoverRequest,
  keys: JournalKeys,
  recovered: Recovery[],
  fs: FileSystem,
): Promise<RestoreFault | undefined> {
  const { dryRun = false, progress } = request;
  try {
    const key = keys.read();
    if (!key.ok) {
      // Without leftovers the key is not needed.
      const found: Recovery[] = [];
      await recoverBy(target, { key: undefined, progress }, true, found, fs);
      return found.length === 0 ? undefined : key;
    }
    return await recoverBy(target, { key: key.value, progress }, dryRun, recovered, fs);
  } catch (thrown) {
    return systemFault(thrown);
  }
}

/** Throws what the system says. */
async function recoverBy(
  target: Target,
  way: RecoveryWay,
  dryRun: boolean,
  recovered: Recovery[],
  fs: FileSystem,
): Promise<RestoreFault | undefined> {
  const short = dryRun ? undefined : checkDescriptors("PREFLIGHT");
  if (short !== undefined) return short;
  const found = { recovered, left: [] };
  if (target.kind === "new") {
    await recoverNewRoots({ ...target, ...way, dryRun, nameless: true }, found, fs);
    return undefined;
  }
  const fault = await recoverArrivedRoots(target.path, { ...way, dryRun }, found, fs);
  const shared = hasLeftovers(target.root) ? keepOthersOut(target.root, fs) : undefined;
  if (fault !== undefined || shared !== undefined) return fault ?? shared;
  if (dryRun) recovered.push(...(await surveyRoot(target.root, way, fs)));
  else if (hasLeftovers(target.root)) {
    return await recoverRoot(target.root, recovered, way, fs);
  }
  return undefined;
}

/** If all failures are doubts, everything is in place: IN_DOUBT, not RESTORE_UNRESOLVED. */
function judge(recovered: readonly Recovery[]): RestoreFailure | undefined {
  const failure = judgeRecovery(recovered);
  const isInDoubt = recovered.some(({ end }) => end === "in-doubt");
  const isOnlyDoubt = isInDoubt && isRecovered(recovered.filter(({ end }) => end !== "in-doubt"));
  return failure === undefined || !isOnlyDoubt ? failure : withOutcome(failure, "IN_DOUBT");
}
