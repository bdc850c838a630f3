/**
 * Removes bundles that are forgotten. Each leaves its name in one step, so that no reader finds half a bundle.
 *
 * @module
 */

import type { AnchoredDir } from "../files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";

/** The name of a bundle that is being removed. It begins with a dot: readers pass it over. */
const FORGOTTEN_NAME = ".forgotten";

/** Removes bundles in their order, by the folder of bundles, as the lock holder. Throws what the system says. */
export function removeBundles(runs: AnchoredDir, runIds: readonly string[]): void {
  // Of a process that was killed here.
  if (runs.has(FORGOTTEN_NAME)) removeTree(runs, FORGOTTEN_NAME);
  for (const runId of runIds) {
    if (!runs.has(runId)) continue;
    fs.renameSync(runs.address(runId), runs.address(FORGOTTEN_NAME));
    // [forgotten] In their order: what is left of a history after a power cut must reach back from its cut without a gap.
    fs.fsyncSync(runs.fd);
    removeTree(runs, FORGOTTEN_NAME);
  }
}

/** Removes a folder with all that is in it, or a link or a file of that name. No link is followed. */
function removeTree(above: AnchoredDir, name: string): void {
  const address = above.address(name);
  if (!fs.lstatSync(address).isDirectory()) {
    fs.unlinkSync(address);
    return;
  }
  const folder = above.enter(name);
  try {
    for (const entry of fs.readdirSync(folder.self)) removeTree(folder, entry);
  } finally {
    folder.close();
  }
  fs.rmdirSync(address);
}
