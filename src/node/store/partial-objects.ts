/**
 * Folders of unfinished objects that a killed process left. Only the lock holder makes them, so when a lock holder begins, their owners
 * are dead.
 *
 * @module
 */

import type { AnchoredDir } from "../files/anchored-dir.ts";
import type { FileSystem } from "../files/file-system.ts";
import { attempt } from "../runtime/machine-reason.ts";
import { isPartialName } from "./object-store.ts";

/** Removes them as far as they hold what runseal makes: files named by a number. What can't be removed stays: `prune` reports it. */
export function removePartialObjects(objects: AnchoredDir, fs: FileSystem): void {
  for (const entry of fs.readdirSync(objects.self, { withFileTypes: true })) {
    if (!entry.isDirectory() || !isPartialName(entry.name)) continue;
    attempt(() => {
      using folder = objects.enter(entry.name);
      for (const inner of fs.readdirSync(folder.self, { withFileTypes: true })) {
        if (inner.isFile() && /^\d+$/.test(inner.name)) fs.unlinkSync(folder.address(inner.name));
      }
      fs.rmdirSync(objects.address(entry.name));
    });
  }
}
