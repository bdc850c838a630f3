/**
 * Takes a lock, with what the system has for it: sockets, or files that are locked while they are open.
 *
 * @module
 */

import type { AnchoredDir } from "../files/anchored-dir.ts";
import { locksOpenFiles } from "../runtime/this-system.ts";
import { OpenFileLock } from "./open-file-lock.ts";
import { acquireSocketLock } from "./socket-lock.ts";
import type { FolderLock, WantedLock } from "./wanted-lock.ts";

/** The errors of file systems on which no lock can be made: no unix socket in a folder, or no lock of an open file. */
export const NO_LOCKS: readonly string[] = [
  "EPERM",
  "EOPNOTSUPP",
  "ENOTSUP",
  "EINVAL",
  "ENAMETOOLONG",
  "EAFNOSUPPORT",
  "ENOSYS",
];

/**
 * Waits for the lock holder and takes the lock. Gives `occupied` if something that runseal may not touch has its name. Throws
 * what the system says, and an Interruption once the signal has fired; then nothing is left.
 */
export async function takeLock(
  folder: AnchoredDir,
  wanted: WantedLock,
  signal: AbortSignal | undefined,
): Promise<FolderLock | "occupied"> {
  return await (locksOpenFiles ? OpenFileLock.acquire : acquireSocketLock)(folder, wanted, signal);
}
