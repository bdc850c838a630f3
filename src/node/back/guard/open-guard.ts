/**
 * Opens the guard of a folder, and makes it if it is missing (`private-folders.ts`).
 *
 * @module
 */

import { realpathSync } from "node:fs";
import { dirname } from "node:path";
import { ok, type Result } from "../../../core/internal.ts";
import type { ProjectHome } from "../../records/project/held-project.ts";
import { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../../system/files/file-system.ts";
import { removeFolders } from "../../system/files/make-folders.ts";
import { pathComponents, pathOfComponents } from "../../system/files/path-components.ts";
import { errnoOf, reasonOf } from "../../system/runtime/machine-reason.ts";
import {
  type OperationFault,
  operationFault,
  type PlaceRefusal,
} from "../../system/runtime/operation-fault.ts";
import { type Environment, homeFolder, unusableVariable } from "../../system/runtime/user-home.ts";
import { guardFolderOf, type OwnPlace } from "./private-folders.ts";
import { describeRoot, isSameRoot, type RootRecord, readRecordOf, writeRootRecord } from "./root-record.ts";

/** Which guard to open. */
export interface GuardRequest extends OwnPlace {
  /** The folder to guard, held open. The caller closes it. */
  readonly root: AnchoredRoot;
  readonly environment: Environment;
  /** Whether the folder of the guard is made if it is missing. */
  readonly makes: boolean;
  /** Through which the guard is read and written once it is open. */
  readonly fs?: FileSystem | undefined;
}

/** An open guard. The caller closes it. */
export interface OpenGuard extends ProjectHome, Disposable {
  /** The real path of the guarded folder. */
  readonly realPath: string;
  /** Whether the folder is the one that was guarded before, by inode and birth time. True for a new guard. */
  readonly isSameFolder: boolean;
  /** Notes that the guard is for the folder as it is now. Fails with WRITE_FAILED. */
  readonly recordRoot: () => Result<undefined, OperationFault>;
  /** Removes the folders that were made for a guard that is not needed after all, unless something is in them by now. */
  readonly withdraw: () => void;
}

/**
 * Opens the guard of a folder. Fails with GUARD_NOT_FOUND where there is none and none is to be made; with GUARD_PLACE_REFUSED for one
 * within the folder, that is not this user's alone, or that guards another folder; with HOME_UNUSABLE,
 * READ_FAILED or WRITE_FAILED.
 */
export function openGuard(request: GuardRequest): Result<OpenGuard, OperationFault> {
  const { environment, fs, makes, root } = request;
  const realPath = pathOfComponents(root.real);
  const variable = request.store === undefined ? unusableVariable(environment, "XDG_DATA_HOME") : undefined;
  if (variable !== undefined) return operationFault("HOME_UNUSABLE", { names: [variable] });
  const { open, path, shown } = guardFolderOf(environment, realPath, request);
  const refuse = (refusal: PlaceRefusal): OperationFault =>
    operationFault("GUARD_PLACE_REFUSED", { path: shown, refusal });
  let home: AnchoredRoot | undefined;
  let isOpen = false;
  const made: string[] = [];
  try {
    // Before anything is made.
    if (leadsInto(path, root)) return refuse("inside");
    const dir = open(makes ? made : undefined);
    if (typeof dir === "string") return refuse(dir);
    home = AnchoredRoot.adopt(new AnchoredDir(dir.fd, path, fs ?? nodeFileSystem), path);
    if (isWithin(home.real, root)) return refuse("inside");
    const now = describeRoot(root.dir, realPath);
    const known = readRecordOf(home.dir, realPath);
    if (known === "malformed" || known === "other-folder") return refuse(known);
    if (known === "missing" && !makes) return operationFault("GUARD_NOT_FOUND");
    isOpen = true;
    return ok(guardOf(home, shown, known, now, made));
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT" && !makes) return operationFault("GUARD_NOT_FOUND");
    const reason = reasonOf(thrown);
    return operationFault(makes ? "WRITE_FAILED" : "READ_FAILED", { path: shown, reason });
  } finally {
    if (!isOpen) {
      home?.close();
      removeFolders(made);
    }
  }
}

function guardOf(
  home: AnchoredRoot,
  shown: string,
  known: RootRecord | "missing",
  now: RootRecord,
  made: readonly string[],
): OpenGuard {
  const isSameFolder = known === "missing" || isSameRoot(known, now);
  return {
    home,
    homePath: shown,
    realPath: now.path,
    isSameFolder,
    recordRoot: () => {
      try {
        if (known === "missing" || !isSameFolder) writeRootRecord(home.dir, now);
        return ok(undefined);
      } catch (thrown) {
        return operationFault("WRITE_FAILED", { path: shown, reason: reasonOf(thrown) });
      }
    },
    withdraw: () => removeFolders(made),
    [Symbol.dispose]: () => home.close(),
  };
}

/** Whether a path leads to a root or below it, as far as its folders are there. Throws what the system says. */
function leadsInto(path: string, root: AnchoredRoot): boolean {
  for (let at = path; ; at = dirname(at)) {
    try {
      return isWithin(pathComponents(realpathSync.native(at)), root);
    } catch (thrown) {
      if (errnoOf(thrown) !== "ENOENT" || at === dirname(at)) throw thrown;
    }
  }
}

/** Whether a folder is at or below another, by their real paths. */
function isWithin(real: readonly string[], root: AnchoredRoot): boolean {
  return root.real.every((component, at) => real[at] === component);
}

/** Whether a folder is the root of the system or the user's home: both are mostly too large to guard. */
export function isWholeHome(root: AnchoredRoot, environment: Environment): boolean {
  if (root.real.length === 0) return true;
  try {
    using home = AnchoredRoot.open(homeFolder(environment));
    return home.real.length === root.real.length && isWithin(home.real, root);
  } catch (thrown) {
    reasonOf(thrown);
    return false;
  }
}
