/**
 * Folders of unfinished objects that a killed process left. Only the lock holder makes them, so when a lock holder begins, their owners
 * are dead.
 *
 * @module
 */

import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import type { FileSystem } from "../../system/files/file-system.ts";
import { isPartialName } from "../../system/files/partial-name.ts";
import { attempt } from "../../system/runtime/machine-reason.ts";

/** Removes them as far as they hold what runseal makes. What can't be removed stays: `prune` reports it. */
export function removePartialObjects(objects: AnchoredDir, fs: FileSystem): void {
  for (const entry of fs.readdirSync(objects.self, { withFileTypes: true }))
    if (entry.isDirectory() && isPartialName(entry.name))
      attempt(() => removePartial(objects, entry.name, fs));
}

/**
 * Removes one of them: files named by a number. Gives the names of anything else, which stays, and so does the folder. A dry run only
 * looks. Throws what the system says.
 */
export function removePartial(
  objects: AnchoredDir,
  name: string,
  fs: FileSystem,
  dryRun = false,
): readonly string[] {
  const foreign: string[] = [];
  using folder = objects.enter(name);
  for (const entry of fs.readdirSync(folder.self, { withFileTypes: true })) {
    if (!entry.isFile() || !/^\d+$/.test(entry.name)) foreign.push(entry.name);
    else if (!dryRun) folder.unlink(entry.name);
  }
  if (foreign.length === 0 && !dryRun) objects.rmdir(name);
  return foreign;
}
