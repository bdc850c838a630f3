/**
 * Folders of the caller's own, made where they aren't there. Node's recursive mkdir answers ENOENT for a
 * read-only file system, and does not say what it had made when it fails.
 *
 * @module
 */

import { mkdirSync, rmdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { errnoOf, machineReason } from "../runtime/machine-reason.ts";
import { syncFolderOf } from "./durable-file.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";

/**
 * Makes a folder and those above it; each one that had to be made is added to `made`, topmost first, also
 * when a later one fails. What is there already is left alone, whatever it is. Throws what mkdir(2) says.
 */
export function makeFolders(
  path: string,
  mode: number,
  made: string[],
  fs: Pick<FileSystem, "mkdirSync"> = nodeFileSystem,
): void {
  const address = resolve(path);
  if (tryMkdir(address, mode, made, fs)) return;
  makeFolders(dirname(address), mode, made, fs);
  if (!tryMkdir(address, mode, made, fs)) fs.mkdirSync(address, mode);
}

/** Makes one folder. Gives whether it had to be made: not so where its name is taken. Throws what mkdir(2) says otherwise. */
export function makeFolder(address: string, mode: number): boolean {
  try {
    mkdirSync(address, mode);
    return true;
  } catch (thrown) {
    if (errnoOf(thrown) !== "EEXIST") throw thrown;
    return false;
  }
}

/** Makes the names of new folders durable where the system can, from `made` of `makeFolders`. */
export function syncMadeFolders(made: readonly string[]): void {
  for (const folder of made) syncFolderOf(folder);
}

/** Removes the folders that were made for nothing, unless somebody uses them by now. */
export function removeFolders(made: readonly string[]): void {
  try {
    for (const folder of made.toReversed()) rmdirSync(folder);
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
  }
}

/** Whether something is there now; not so where the folder above it is missing. */
function tryMkdir(address: string, mode: number, made: string[], fs: Pick<FileSystem, "mkdirSync">): boolean {
  try {
    fs.mkdirSync(address, mode);
    made.push(address);
    return true;
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === "EEXIST") return true;
    if (errno === "ENOENT" && address !== dirname(address)) return false;
    throw thrown;
  }
}
