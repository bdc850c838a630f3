/** What the kernel tells in small text files: below /proc and /sys. @module */

import { closeSync, openSync, readSync } from "node:fs";

/** Reads a small text file of the kernel's, or `undefined` where it can't be read. */
export type KernelReader = (path: string) => string | undefined;

/** Longer than anything that is asked for. */
const LONGEST = 4096;

/** The real reader. What can't be read limits nothing: no Linux, no cgroup v2, or a group that sets no limit. */
export function readKernelFile(path: string): string | undefined {
  try {
    const fd = openSync(path, "r");
    try {
      const buffer = Buffer.alloc(LONGEST);
      return buffer.toString("utf8", 0, readSync(fd, buffer, 0, LONGEST, 0));
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}
