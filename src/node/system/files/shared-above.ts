/**
 * Which users can move a folder away, or put another one in its place, where folders are reached by their paths: those who may
 * write to a folder above it.
 *
 * @module
 */

import { basename, dirname } from "node:path";
import { isWindows } from "../runtime/this-system.ts";
import type { FileSystem } from "./file-system.ts";

/** Anybody may make entries, and only the owner of an entry may rename it. */
const STICKY = 0o1000;
const OTHERS_MAY_WRITE = 0o022;

/** What protects the entries of a folder. */
export type Protection =
  /** Folders are held by descriptor: no other process can lead a call elsewhere. */
  | "descriptors"
  /** Permissions: no other user can, but root. */
  | "permissions"
  /** The system does not show who may write to a folder. */
  | "unchecked";

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
    const isOurs = stats.uid === 0 || stats.uid === process.geteuid?.();
    const isOpen = (stats.mode & OTHERS_MAY_WRITE) !== 0 && (stats.mode & STICKY) === 0;
    if (!stats.isDirectory() || !isOurs || isOpen) return basename(folder) || folder;
    if (folder === dirname(folder)) return undefined;
  }
}
