/**
 * Putting a bundle in its place: written into a temporary folder beside it, synced, then one rename. It
 * is there whole or not at all, and can be taken away again in the same way.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { ok, type Result } from "../../core/index.ts";
import { publishCause } from "../cause-channel.ts";
import { AnchoredDir } from "../files/anchored-dir.ts";
import { createFile } from "../files/durable-file.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";
import { machineReason } from "../files/machine-reason.ts";
import { makeFolder, makeFolders, removeFolders } from "../files/make-folders.ts";
import { type OperationFault, operationFault } from "../operation-fault.ts";

/** Names and bytes of a bundle's files, in the order in which they are written. */
export type BundleFiles = ReadonlyMap<string, Uint8Array>;

/** A bundle in its place. */
export interface WrittenBundle {
  /**
   * Takes it away again, and the folders that were made for it. Gives whether nothing of it is left; where it can't
   * be removed, all of it stays.
   */
  readonly remove: () => boolean;
}

/** A folder of bundles. */
export interface BundleFolder {
  /** As the caller named it. */
  readonly shown: string;
  /** Where it is made if it isn't there. */
  readonly address: string;
  /** What a bundle is called in it that is being written, or taken away. */
  readonly partialName: string;
  /** Opens it. Throws what open(2) says. */
  readonly open: () => AnchoredDir;
}

/** A folder that the caller named: links in its path are followed. */
export function namedFolder(path: string): BundleFolder {
  return { shown: path, address: path, partialName: makePartialName(), open: () => AnchoredDir.open(path) };
}

/** A name that no run has, and nobody else takes. */
export function makePartialName(): string {
  return `.${randomBytes(8).toString("hex")}.partial`;
}

/**
 * Writes the files as `folder/runId`; the folder is made where it isn't there. Fails with RUN_EXISTS or WRITE_FAILED,
 * leaving nothing.
 */
export function writeBundle(
  folder: BundleFolder,
  runId: string,
  files: BundleFiles,
): Result<WrittenBundle, OperationFault> {
  const made: string[] = [];
  let written = false;
  try {
    makeFolders(folder.address, 0o777, made);
    const parent = folder.open();
    try {
      if (isThere(parent, runId)) return operationFault("RUN_EXISTS", { path: join(folder.shown, runId) });
      if (!makeFolder(parent.address(folder.partialName), 0o777)) return refusePartial(folder);
      writeInto(parent, runId, folder.partialName, files);
      written = true;
      return ok({ remove: () => removeBundle(folder, runId, files) && removeMade(made) });
    } finally {
      parent.close();
    }
  } catch (thrown) {
    const reason = machineReason(thrown);
    if (reason === undefined) throw thrown;
    // Somebody took the name while we wrote.
    return reason === "already-there"
      ? operationFault("RUN_EXISTS", { path: join(folder.shown, runId) })
      : operationFault("WRITE_FAILED", { path: folder.shown, reason });
  } finally {
    if (!written) removeFolders(made);
  }
}

/** Whether a run directory of that name is there already, by lstat. */
export function isThere(parent: AnchoredDir, name: string): boolean {
  return fs.lstatSync(parent.address(name), { throwIfNoEntry: false }) !== undefined;
}

/** Somebody made it who doesn't wait for others, as two machines at one project may. */
function refusePartial({ partialName, shown }: BundleFolder): Result<never, OperationFault> {
  return operationFault("WRITE_FAILED", { path: join(shown, partialName), reason: "already-there" });
}

/** By way of the partial bundle's folder, which was made and is gone in the end. */
function writeInto(parent: AnchoredDir, runId: string, partialName: string, files: BundleFiles): void {
  const temporary = parent.address(partialName);
  const written: string[] = [];
  let inPlace = false;
  try {
    for (const [name, bytes] of files) {
      createFile(`${temporary}/${name}`, bytes, 0o644);
      written.push(name);
    }
    syncFolder(temporary);
    // A rename replaces an empty folder at most; one with anything in it is ENOTEMPTY.
    fs.renameSync(temporary, parent.address(runId));
    inPlace = true;
    fs.fsyncSync(parent.fd);
  } finally {
    if (!inPlace) {
      for (const name of written) fs.unlinkSync(`${temporary}/${name}`);
      fs.rmdirSync(temporary);
    }
  }
}

/** First out of its place, in one step: nobody may find half a bundle. */
function removeBundle(folder: BundleFolder, runId: string, files: BundleFiles): boolean {
  try {
    const parent = folder.open();
    try {
      const temporary = parent.address(folder.partialName);
      fs.renameSync(parent.address(runId), temporary);
      for (const name of files.keys()) fs.unlinkSync(`${temporary}/${name}`);
      fs.rmdirSync(temporary);
      fs.fsyncSync(parent.fd);
      return true;
    } finally {
      parent.close();
    }
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    publishCause(thrown);
    return false;
  }
}

function removeMade(made: readonly string[]): true {
  removeFolders(made);
  return true;
}

function syncFolder(address: string): void {
  const fd = fs.openSync(address, "r");
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}
