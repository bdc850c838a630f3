/**
 * Whether names in a folder were changed since it was looked at.
 *
 * @module
 */

import type { FileSystem } from "../files/file-system.ts";

/** Which folder it is, and when names in it were changed last. */
export interface FolderState {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly ctimeNs: bigint;
  /** When it was looked at, in milliseconds since 1970. */
  readonly seenMs: number;
}

/** Two changes within so many milliseconds may have the same ctime: the kernel's clock for it ticks some hundred times a second. */
const TICK_MS = 50;

/** The state of an open folder. Throws what the system says. */
export function stateOfFolder(fd: number, fs: FileSystem): FolderState {
  const seenMs = Date.now();
  const { ctimeNs, dev, ino } = fs.fstatSync(fd, { bigint: true });
  return { dev, ino, ctimeNs, seenMs };
}

/** Whether a folder may have been changed. One that had just been changed when it was seen may have been again, with the same ctime. */
export function isOtherState(before: FolderState, now: FolderState): boolean {
  if (before.dev !== now.dev || before.ino !== now.ino || before.ctimeNs !== now.ctimeNs) return true;
  const wasFresh = before.ctimeNs / 1_000_000n > BigInt(before.seenMs - TICK_MS);
  return wasFresh && now.seenMs - before.seenMs > TICK_MS;
}
