/**
 * A file put into the place of an older one in a single step: at no moment is there half a file, or none.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import { machineReason } from "../runtime/machine-reason.ts";
import { createFile } from "./durable-file.ts";
import { nodeFileSystem as fs, OPEN_NAMED_FOLDER } from "./file-system.ts";

/**
 * Writes and syncs the file beside the older one, then renames. For a file that has one writer at a time; see
 * `file-edit.ts` for the others. Throws what the system says; the old file stays then.
 */
export function replaceFile(path: string, bytes: Uint8Array, mode: number): void {
  const beside = `${path}.${randomBytes(8).toString("hex")}.new`;
  createFile(beside, bytes, mode);
  let isPlaced = false;
  try {
    fs.renameSync(beside, path);
    isPlaced = true;
  } finally {
    if (!isPlaced) fs.unlinkSync(beside);
  }
  syncFolderOf(path);
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
