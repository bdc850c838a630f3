/**
 * How many folders one tree may hold open for the next path. Paths come sorted, and then a few are enough; objects of the
 * store lie in 256 folders, by their digests. But descriptors are what a process has few of: a system may grant 256.
 *
 * @module
 */

import { type KernelReader, readKernelFile } from "../runtime/kernel-file.ts";

const MOST = 200;

/** As many as any process can spare. */
export const FEWEST_OPEN_FOLDERS = 4;

/** Trees that may share the limit: several in each of many threads, with as much for files and for Node itself. */
const SHARES = 64;

let known: number | undefined;

/** Folders that a tree may hold open here. Asked once, and before descriptors are scarce. */
export function allowedOpenFolders(): number {
  known ??= openFoldersWithin(readKernelFile);
  return known;
}

/**
 * The same by the limit on descriptors that the kernel tells. Linux tells one, unless none is left to read it with; where
 * another system tells none, there is none that matters.
 */
export function openFoldersWithin(read: KernelReader, platform: NodeJS.Platform = process.platform): number {
  const limits = read("/proc/self/limits");
  if (limits === undefined && platform === "linux") return FEWEST_OPEN_FOLDERS;
  const [, limit] = /^Max open files +(\d+) /m.exec(limits ?? "") ?? [];
  if (limit === undefined) return MOST;
  return Math.min(MOST, Math.max(FEWEST_OPEN_FOLDERS, Math.floor(Number(limit) / SHARES)));
}
