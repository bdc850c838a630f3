/**
 * The sockets of runs in progress: each run listens on one of its id's name in `.runseal/running` (`node/run/run-claim.ts`).
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { isOwnerAlive } from "../../system/locks/owner.ts";

/** The folder of the sockets, in the project's own. */
export const RUNNING_NAME = "running";

/** The address of a socket has 107 bytes, and begins with the folder's descriptor. */
const MAX_NAME_BYTES = 80;

/** The name of a run's socket. A long id is hashed; a leading dot distinguishes the hash from an id. */
export function socketNameOf(runId: string): string {
  if (Buffer.byteLength(runId) <= MAX_NAME_BYTES) return runId;
  return `.${createHash("sha256").update(runId).digest("hex")}`;
}

/** Whether a run of that id is in progress, by the project's own folder. In doubt yes. */
export async function isRunning(own: AnchoredDir, runId: string): Promise<boolean> {
  return await isAnyAlive(own, () => [socketNameOf(runId)]);
}

/** Whether another run is in progress. */
export async function areOthersRunning(own: AnchoredDir, runId: string): Promise<boolean> {
  const ownName = socketNameOf(runId);
  return await isAnyAlive(own, (folder) => folder.names().filter((name) => name !== ownName));
}

async function isAnyAlive(
  own: AnchoredDir,
  namesIn: (folder: AnchoredDir) => readonly string[],
): Promise<boolean> {
  using folder = own.enterIfThere(RUNNING_NAME);
  if (folder === undefined) return false;
  for (const name of namesIn(folder)) if (await isOwnerAlive(folder.address(name))) return true;
  return false;
}
