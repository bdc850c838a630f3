/**
 * Makes the pages of files clean before the files are hashed. A store through a shared map moves the times of its file only if the
 * page is clean: the kernel then notices the first store.
 *
 * @module
 */

import type { Listing } from "../../../../core/internal.ts";
import type { AnchoredRoot } from "../../../system/files/anchored-root.ts";
import { syncFile, syncWholeFileSystem } from "../../../system/files/durable-file.ts";
import type { FileSystem } from "../../../system/files/file-system.ts";
import { waitUnlessInterrupted } from "../../../system/runtime/interruption.ts";
import { attempt } from "../../../system/runtime/machine-reason.ts";

/** Up to this many files, one fsync for each is cheaper than to start a program and to write what others left dirty. */
const FEW_FILES = 16;

/**
 * Writes the dirty pages of the files at some paths below a root; many files by a sync of the whole file system. Gives whether the
 * kernel confirms it. Throws an Interruption.
 */
export async function cleanPages(
  root: AnchoredRoot,
  paths: Listing<string>,
  fs: FileSystem,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { syncWhole = syncWholeFileSystem } = fs;
  if (paths.length > FEW_FILES) return await waitUnlessInterrupted(syncWhole(root.dir.fd), signal);
  let isClean = true;
  for (let index = 0; index < paths.length; index++) {
    const path = paths.at(index) ?? "";
    const sync = (): void => syncFile(root.addressOf(path), fs);
    // [clean-pages]
    isClean = attempt(sync) && isClean;
  }
  return isClean;
}
