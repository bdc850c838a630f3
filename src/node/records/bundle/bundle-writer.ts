/**
 * Putting a bundle in its place: written into a temporary folder beside it, synced, then one rename. It
 * is there whole or not at all, and can be taken away again in the same way.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { type Ok, ok } from "../../../core/internal.ts";
import { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { type FileIdentity, isSame } from "../../system/files/made-entry.ts";
import { makeFolder, openOrMakeFolders, removeFolders } from "../../system/files/make-folders.ts";
import { makePartialName } from "../../system/files/partial-name.ts";
import { createFile } from "../../system/files/placed-file.ts";
import { attempt, reasonOf, tolerate } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";

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

/** A bundle that is not in its place. */
export interface UnwrittenBundle {
  readonly ok: false;
  readonly fault: OperationFault;
  /** Whether it could not be taken back: it is there, or may be there again after a power cut. */
  readonly isLeft: boolean;
}

/** A folder of bundles. */
export interface BundleFolder {
  /** As the caller named it. */
  readonly shown: string;
  /** Where it is made if it isn't there. */
  readonly address: string;
  /** What a bundle is called in it that is being written, or taken away, unless that name is taken. */
  readonly partialName: string;
  /** Opens it. Throws what open(2) says. */
  readonly open: () => AnchoredDir;
  /**
   * Makes the names durable of the folder and of those above it that may be new; `made` are those that this process made.
   * Throws what fsync(2) says.
   */
  readonly syncNames: (made: readonly string[]) => void;
}

/** A folder that the caller named: links in its path are followed. */
export function namedFolder(path: string): BundleFolder {
  const open = (): AnchoredDir => AnchoredDir.open(path);
  return { shown: path, address: path, partialName: makePartialName(), open, syncNames: syncNamesOf };
}

function syncNamesOf(folders: readonly string[]): void {
  for (const folder of folders) {
    using above = AnchoredDir.open(dirname(folder));
    fs.fsyncSync(above.fd);
  }
}

/**
 * Writes the files as `folder/runId`; the folder is made where it isn't there. Fails with RUN_EXISTS or WRITE_FAILED,
 * leaving nothing where it can.
 */
export function writeBundle(
  folder: BundleFolder,
  runId: string,
  files: BundleFiles,
): Ok<WrittenBundle> | UnwrittenBundle {
  const own: OwnBundle = {
    made: [],
    partialName: folder.partialName,
    identity: undefined,
    names: [],
    mayBePlaced: false,
  };
  const remove = (): boolean => {
    const isRemoved = own.identity === undefined || removeBundle(folder, runId, own);
    removeFolders(own.made);
    return isRemoved;
  };
  let fault: OperationFault | undefined;
  let isPlaced = false;
  let isLeft = false;
  try {
    fault = place(folder, runId, files, own);
    isPlaced = fault === undefined;
  } finally {
    // After a reported failure the bundle must not exist, not even after a power cut.
    isLeft = !(isPlaced || remove()) && own.mayBePlaced;
  }
  return fault === undefined ? ok({ remove }) : { ok: false, fault, isLeft };
}

/** What was made of a bundle so far: something else that has its name is not taken for it. */
interface OwnBundle {
  /** The folders that had to be made for it. */
  readonly made: string[];
  partialName: string;
  /** Of its folder, once that is made. */
  identity: FileIdentity | undefined;
  /** The files in it. */
  readonly names: string[];
  mayBePlaced: boolean;
}

function place(
  folder: BundleFolder,
  runId: string,
  files: BundleFiles,
  own: OwnBundle,
): OperationFault | undefined {
  const path = join(folder.shown, runId);
  try {
    openOrMakeFolders(folder.address, 0o777, own.made).close();
    using parent = folder.open();
    if (parent.has(runId)) return operationFault("RUN_EXISTS", { path });
    // Otherwise a power cut can remove the folder, and with it a bundle that was reported as sealed.
    folder.syncNames(own.made);
    makePartial(parent, own);
    fill(parent, own, files);
    if (!isOwn(parent, own.partialName, own))
      return operationFault("WRITE_FAILED", { path: join(folder.shown, own.partialName) });
    own.mayBePlaced = true;
    // A rename replaces an empty folder at most; one with anything in it is ENOTEMPTY.
    parent.rename(own.partialName, parent, runId);
    fs.fsyncSync(parent.fd);
    return undefined;
  } catch (thrown) {
    const reason = reasonOf(thrown);
    // Another process took the name meanwhile.
    return reason === "already-there"
      ? operationFault("RUN_EXISTS", { path })
      : operationFault("WRITE_FAILED", { path: folder.shown, reason });
  }
}

/** Uses another name if this one is taken by a process without the lock, or by a folder that can't be removed. */
function makePartial(parent: AnchoredDir, own: OwnBundle): void {
  if (!makeFolder(parent, own.partialName, 0o777)) {
    own.partialName = makePartialName();
    parent.mkdir(own.partialName, 0o777);
  }
  try {
    own.identity = fs.lstatSync(parent.address(own.partialName), { bigint: true });
  } finally {
    // Without its identity nothing removes it later. This removes an empty folder at most.
    if (own.identity === undefined) attempt(() => parent.rmdir(own.partialName));
  }
}

/** Through the folder itself: its name may be a link by now. */
function fill(parent: AnchoredDir, { names, partialName }: OwnBundle, files: BundleFiles): void {
  using partial = parent.enter(partialName);
  for (const [name, bytes] of files) {
    // Before it is there: one that could not be finished and not be removed is tried again.
    names.push(name);
    createFile(partial.address(name), bytes, 0o644);
  }
  fs.fsyncSync(partial.fd);
}

/** Gives whether nothing of the bundle is left, durably. Renames it first, in one step: a reader must never see half a bundle. */
function removeBundle(folder: BundleFolder, runId: string, own: OwnBundle): boolean {
  let isRemoved = false;
  attempt(() => {
    using parent = folder.open();
    // It may be there though the rename failed, as where a server's answer was lost.
    if (isOwn(parent, runId, own)) parent.rename(runId, parent, own.partialName);
    if (!isOwn(parent, own.partialName, own)) return;
    empty(parent, own);
    // What could not be removed makes this ENOTEMPTY.
    parent.rmdir(own.partialName);
    fs.fsyncSync(parent.fd);
    isRemoved = true;
  });
  return isRemoved;
}

/** A file that can't be removed keeps no other one. The last may not be there, or have a name that the system takes for no file. */
function empty(parent: AnchoredDir, { names, partialName }: OwnBundle): void {
  using partial = parent.enter(partialName);
  for (const name of names) attempt(() => tolerate(["ENOENT", "ENAMETOOLONG"], () => partial.unlink(name)));
}

function isOwn(parent: AnchoredDir, name: string, { identity }: OwnBundle): boolean {
  const found = parent.stats(name);
  return found !== undefined && identity !== undefined && isSame(found, identity);
}
