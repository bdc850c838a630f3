/**
 * Writing a file under a name that must be free.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import type { MachineReason } from "../../core/internal.ts";
import { attempt, machineReason, reasonOf } from "../runtime/machine-reason.ts";
import { createFile, syncFolderOf } from "./durable-file.ts";
import { nodeFileSystem as fs } from "./file-system.ts";

/** What is written is for every reader. */
export const FILE_MODE = 0o644;

/**
 * Writes and syncs the file beside its place, then links it there: link(2) replaces nothing, and a reader never sees half of it.
 * Gives why that failed, `already-there` if the name is in use; no part of the file is there then.
 */
export function placeNewFile(file: string, bytes: Uint8Array): MachineReason | undefined {
  const beside = `${file}.${randomBytes(8).toString("hex")}.new`;
  try {
    createFile(beside, bytes, FILE_MODE, fs);
    try {
      linkOrCreate(beside, file, bytes);
    } finally {
      attempt(() => fs.unlinkSync(beside));
    }
    syncFolderOf(file);
    return undefined;
  } catch (thrown) {
    return reasonOf(thrown);
  }
}

/** On a file system without hard links, the file is created under its name: exclusively, but a kill can leave a part of it. */
function linkOrCreate(beside: string, file: string, bytes: Uint8Array): void {
  try {
    fs.linkSync(beside, file);
  } catch (thrown) {
    if (machineReason(thrown) !== "no-hard-links") throw thrown;
    createFile(file, bytes, FILE_MODE, fs);
  }
}
