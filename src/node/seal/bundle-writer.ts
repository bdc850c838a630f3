/**
 * Putting a bundle in its place: written into a temporary folder beside it, synced, then one rename. It
 * is there whole or not at all.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { ARTIFACT_NAMES, type ArtifactName, ok, type Result } from "../../core/index.ts";
import { AnchoredDir } from "../files/anchored-dir.ts";
import { createFile } from "../files/durable-file.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";
import { machineReason } from "../files/machine-reason.ts";
import { makeFolders, removeFolders } from "../files/make-folders.ts";
import { type OperationFault, operationFault } from "../operation-fault.ts";

/**
 * Writes the artifacts as `folder/runId`; the folder is made where it isn't there. `folder` is the
 * caller's own: links in its path are followed. Fails with RUN_EXISTS or WRITE_FAILED, leaving nothing.
 */
export function writeBundle(
  folder: string,
  runId: string,
  artifacts: Readonly<Record<ArtifactName, Uint8Array>>,
): Result<undefined, OperationFault> {
  const made: string[] = [];
  let written = false;
  try {
    makeFolders(folder, 0o777, made);
    const parent = AnchoredDir.open(folder);
    try {
      if (isThere(parent, runId)) return operationFault("RUN_EXISTS", { path: join(folder, runId) });
      writeInto(parent, runId, artifacts);
      written = true;
      return ok(undefined);
    } finally {
      parent.close();
    }
  } catch (thrown) {
    const reason = machineReason(thrown);
    if (reason === undefined) throw thrown;
    // Somebody took the name while we wrote.
    return reason === "already-there"
      ? operationFault("RUN_EXISTS", { path: join(folder, runId) })
      : operationFault("WRITE_FAILED", { path: folder, reason });
  } finally {
    if (!written) removeFolders(made);
  }
}

/** Whether a run directory of that name is there already, by lstat. */
export function isThere(parent: AnchoredDir, name: string): boolean {
  return fs.lstatSync(parent.address(name), { throwIfNoEntry: false }) !== undefined;
}

function writeInto(
  parent: AnchoredDir,
  runId: string,
  artifacts: Readonly<Record<ArtifactName, Uint8Array>>,
): void {
  const temporary = parent.address(`.${randomBytes(8).toString("hex")}.partial`);
  fs.mkdirSync(temporary, 0o777);
  const written: string[] = [];
  let inPlace = false;
  try {
    for (const name of ARTIFACT_NAMES) {
      createFile(`${temporary}/${name}`, artifacts[name], 0o644);
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

function syncFolder(address: string): void {
  const fd = fs.openSync(address, "r");
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}
