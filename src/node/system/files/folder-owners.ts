/** Which users may rename the entries of a folder. @module */

import type { Stats } from "node:fs";

/** Every user may make entries, and only the owner of an entry may rename it. */
const STICKY = 0o1000;
const OTHERS_MAY_WRITE = 0o022;

/** What stat(2) says of a folder or of an entry in it. */
export type Owned = Pick<Stats, "mode" | "uid">;

/** Whether an entry belongs to this user or to root. */
export function isOursOrRoots({ uid }: Owned): boolean {
  return uid === 0 || uid === process.geteuid?.();
}

/**
 * Whether another user could rename each entry of a folder: it belongs to that user, or its group or others may write to it and it is
 * not sticky. Access control lists are not seen.
 */
export function mayOthersRename(folder: Owned): boolean {
  return !isOursOrRoots(folder) || ((folder.mode & OTHERS_MAY_WRITE) !== 0 && (folder.mode & STICKY) === 0);
}

/** Whether another user could rename one entry of a folder. False where the system has no owners. */
export function mayOthersExchange(folder: Owned, entry: Owned): boolean {
  if (process.geteuid === undefined) return false;
  return mayOthersRename(folder) || ((folder.mode & OTHERS_MAY_WRITE) !== 0 && !isOursOrRoots(entry));
}
