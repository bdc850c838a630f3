/**
 * Listing a tree with pauses, so that it can be stopped, and whoever wants to know is told how many files there are so far.
 *
 * @module
 */

import { breatheAlong } from "../runtime/interruption.ts";
import type { Progress } from "../runtime/progress.ts";
import type { AnchoredRoot } from "./anchored-root.ts";
import { type PassOver, type TreeListing, walkTreeInSteps } from "./walk-tree.ts";

/** How to list, and who hears of it. */
export interface ListOptions {
  readonly signal?: AbortSignal | undefined;
  /** Who is told how far it is, from the first folder on that holds a file. */
  readonly progress?: Progress | undefined;
  /** Hears after each folder how many files were listed so far. */
  readonly onFolder?: ((listed: number) => void) | undefined;
}

/** Lists as `walkTree` does. Throws an Interruption once the signal has fired. */
export async function listTree(
  root: AnchoredRoot,
  starts: readonly (readonly string[])[],
  passOver: PassOver,
  { onFolder, progress, signal }: ListOptions = {},
): Promise<TreeListing> {
  let files = 0;
  const steps = walkTreeInSteps(root, starts, passOver, (listed) => {
    // Of what isn't there, as mostly a scratch folder, there is nothing to tell.
    if (files === 0 && listed > 0) progress?.begin("list", {}, () => ({ files, bytes: 0 }));
    files = listed;
    onFolder?.(listed);
  });
  return await breatheAlong(steps, signal);
}
