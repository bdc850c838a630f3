/**
 * A file put into the place of an older one in a single step: at no moment is there half a file, or none.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { createFile } from "./durable-file.ts";
import { nodeFileSystem as fs, OPEN_NAMED_FOLDER } from "./file-system.ts";
import { machineReason } from "./machine-reason.ts";

/** What a file that others edit too needs. */
export interface ReplaceOptions {
  /** Whom the file belongs to, where that may be somebody else than us. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Looked at last, when only the rename is left; with `false` nothing is replaced. */
  readonly isCurrent?: () => boolean;
}

/**
 * Writes and syncs the file beside the older one, then renames. `false` where the older one is no longer
 * current. Throws what the system says; the old file stays then.
 */
export function replaceFile(
  path: string,
  bytes: Uint8Array,
  mode: number,
  { isCurrent, owner }: ReplaceOptions = {},
): boolean {
  const beside = `${path}.${randomBytes(8).toString("hex")}.new`;
  createFile(beside, bytes, mode);
  let isPlaced = false;
  try {
    if (owner !== undefined) giveTo(beside, mode, owner);
    if (isCurrent?.() === false) return false;
    fs.renameSync(beside, path);
    isPlaced = true;
  } finally {
    if (!isPlaced) fs.unlinkSync(beside);
  }
  syncFolderOf(path);
  return true;
}

/** Root that edits a user's file leaves it the user's. chown(2) may take away bits of the mode. */
function giveTo(path: string, mode: number, owner: { readonly uid: number; readonly gid: number }): void {
  const { gid, uid } = statSync(path);
  if (gid === owner.gid && uid === owner.uid) return;
  chownSync(path, owner.uid, owner.gid);
  chmodSync(path, mode);
}

/** Makes a new name durable where the system can: some file systems, and Windows, don't sync folders. */
export function syncFolderOf(path: string): void {
  try {
    const fd = fs.openSync(dirname(path), OPEN_NAMED_FOLDER);
    try {
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
  }
}
