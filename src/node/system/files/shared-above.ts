/**
 * Which users can move a folder away, or put another one in its place, where folders are reached by their paths: those who may
 * write to a folder above it.
 *
 * @module
 */

import { basename, dirname } from "node:path";
import { isWindows } from "../runtime/this-system.ts";
import { canAnchor } from "./anchored-dir.ts";
import type { FileSystem } from "./file-system.ts";
import { mayOthersRename } from "./folder-owners.ts";

/** What protects the entries of a folder. */
export type Protection =
  /** Folders are held by descriptor: no other process can lead a call elsewhere. */
  | "descriptors"
  /** Permissions: no other user can, but root. */
  | "permissions"
  /** The system does not show who may write to a folder. */
  | "unchecked";

/** What protects the entries of folders on this system, once `findSharedFolder` found none. */
export function protection(): Protection {
  if (canAnchor()) return "descriptors";
  return showsPermissions() ? "permissions" : "unchecked";
}

/** Whether the modes of folders say who may write to them. */
export function showsPermissions(): boolean {
  return !isWindows && process.geteuid !== undefined;
}

/**
 * Finds a folder in which another user could rename an entry that this user makes: the named one, or one above it. The path is a
 * real one, without links. Gives the name of the first such folder, from the lowest up; `undefined` if there is none.
 *
 * A folder qualifies if it belongs to this user or to root, and neither its group nor others may write to it, or it is sticky.
 * Access control lists are not seen. Throws what the system says.
 */
export function findSharedFolder(path: string, fs: FileSystem): string | undefined {
  for (let folder = path; ; folder = dirname(folder)) {
    const stats = fs.lstatSync(folder);
    if (!stats.isDirectory() || mayOthersRename(stats)) return basename(folder) || folder;
    if (folder === dirname(folder)) return undefined;
  }
}
