/**
 * Makes missing folders. Node's recursive mkdir answers ENOENT for a read-only file system, and does not report what
 * it had made when it fails.
 *
 * @module
 */

import { rmdirSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { attempt, errnoOf, tolerate } from "../runtime/machine-reason.ts";
import { AnchoredDir } from "./anchored-dir.ts";
import { syncFolderOf } from "./durable-file.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";

/** Makes one folder. Gives whether it was made: not if its name is taken. Throws what mkdir(2) says otherwise. */
export function makeFolder(parent: AnchoredDir, name: string, mode: number): boolean {
  return tolerate(["EEXIST"], () => parent.mkdir(name, mode));
}

/**
 * Opens a folder, and makes it and those above it if they are missing. `made` gets what was made, topmost first. Each folder that was made is
 * entered from the one above: the owner of that one can put a link in its place meanwhile, and it is not followed. Throws
 * what the system says.
 */
export function openOrMakeFolders(
  path: string,
  mode: number,
  made: string[] = [],
  fs: FileSystem = nodeFileSystem,
): AnchoredDir {
  const address = resolve(path);
  try {
    return AnchoredDir.open(address, fs);
  } catch (thrown) {
    if (errnoOf(thrown) !== "ENOENT" || address === dirname(address)) throw thrown;
  }
  using above = openOrMakeFolders(dirname(address), mode, made, fs);
  const name = basename(address);
  if (makeFolder(above, name, mode)) made.push(address);
  return above.enter(name);
}

/** A folder that is held open, and that may have been made for this. */
export interface EnteredFolder {
  readonly dir: AnchoredDir;
  /** Closes it, and removes it if it was made here and is empty. */
  readonly close: () => void;
}

/** Enters a folder, and makes it if it is missing. Never through a link. Throws what the system says. */
export function enterOrMake(parent: AnchoredDir, name: string): EnteredFolder {
  const isMade = makeFolder(parent, name, 0o777);
  const dir = parent.enter(name);
  const close = (): void => {
    dir.close();
    if (isMade) attempt(() => parent.rmdir(name));
  };
  return { dir, close };
}

/** Makes a folder that only this user can enter, and those above it, with durable names. Throws what the system says. */
export function makePrivateFolders(path: string): void {
  openOrMakePrivateFolders(path).close();
}

/** The same, and leaves the folder open. */
export function openOrMakePrivateFolders(path: string): AnchoredDir {
  const made: string[] = [];
  const dir = openOrMakeFolders(path, 0o700, made);
  let isDurable = false;
  try {
    for (const folder of made) syncFolderOf(folder);
    isDurable = true;
    return dir;
  } finally {
    if (!isDurable) dir.close();
  }
}

/** Removes folders that are not needed after all, unless they are used by now. */
export function removeFolders(made: readonly string[]): void {
  attempt(() => {
    for (const folder of made.toReversed()) rmdirSync(folder);
  });
}
