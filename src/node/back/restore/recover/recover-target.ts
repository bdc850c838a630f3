/**
 * `recover`: brings a folder into one of its two good states, and reports what was found (PROTOCOL 13.9).
 *
 * @module
 */

import { type FileSystem, nodeFileSystem } from "../../../system/files/file-system.ts";
import { type Protection, protection } from "../../../system/files/shared-above.ts";
import type { Progress } from "../../../system/runtime/progress.ts";
import type { Environment } from "../../../system/runtime/user-home.ts";
import { JournalKeys } from "../../transaction/journal/journal-key.ts";
import { type Recovery, type RestoreFailure, refused } from "../../transaction/restore-failure.ts";
import { closeTarget, openTarget } from "../target/target-root.ts";
import { recoverAll } from "./recover-all.ts";

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
 * Recovers a folder. Fails as `recoverAll` does, and with the codes of PREFLIGHT for a folder that can't be opened. The result lists in
 * any case what was found until then.
 */
export async function recoverTarget(
  { dryRun = false, environment, progress, target: path }: RecoverRequest,
  fs: FileSystem = nodeFileSystem,
): Promise<RecoverSuccess | RestoreFailure> {
  const opened = openTarget(path, true, fs);
  if (!opened.ok) return refused(opened);
  const target = opened.value;
  using keys = new JournalKeys(environment, fs);
  const recovered: Recovery[] = [];
  try {
    const order = { dryRun, keys, progress, isAsked: true };
    const failure = await recoverAll(target, order, { recovered, left: [] }, fs);
    const isThere = target.kind === "existing";
    return failure ?? { ok: true, recovered, isThere, protection: protection() };
  } finally {
    closeTarget(target);
  }
}
