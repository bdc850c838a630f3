/**
 * The store of a project: the bytes of sealed outputs, each kept once, under their SHA-256 (PROTOCOL 18). Anyone can check
 * an object: the two parts of its name together are the output of sha256sum.
 *
 * Nothing here is trusted: a reader of an object hashes it. No link is followed, neither to the store nor in it.
 *
 * @module
 */

import type { BigIntStats } from "node:fs";
import {
  type HexDigest,
  type MachineReason,
  ok,
  placeOfObject,
  type Result,
  STORE_COMPONENTS,
  STORE_FOLDER,
} from "../../../core/internal.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { AnchoredRoot } from "../../system/files/anchored-root.ts";
import type { FileSystem } from "../../system/files/file-system.ts";
import { type OpenSource, openPlainFile } from "../../system/files/read-source.ts";
import { errnoOf, reasonOf } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";

/**
 * Opens the store's folder, below which objects have their paths; `undefined` if the project has none. Fails with STORE_UNUSABLE if a
 * link or something else has its name, and with READ_FAILED if it can't be opened.
 */
export function openStore(project: AnchoredRoot): Result<AnchoredRoot | undefined, OperationFault> {
  try {
    const dir = enterOwn(project, STORE_COMPONENTS);
    return ok(dir && new AnchoredRoot(dir, [...project.real, ...STORE_COMPONENTS]));
  } catch (thrown) {
    return storeFault(reasonOf(thrown), "READ_FAILED");
  }
}

/** What lstat says of an object's file. Throws what the system says. */
export function findObject(store: AnchoredRoot, digest: HexDigest): BigIntStats | "missing" | "other" {
  const { folder, name } = placeOfObject(digest);
  const dir = folderIn(store, folder);
  if (dir === "missing" || dir === "other") return dir;
  const stats = dir.stats(name);
  if (stats === undefined) return "missing";
  return stats.isFile() ? stats : "other";
}

/** Opens an object; the caller closes it and hashes what it reads. Throws what the system says otherwise. */
export function openObject(
  store: AnchoredRoot,
  digest: HexDigest,
  fs: FileSystem,
): OpenSource | "missing" | "other" {
  const { folder, name } = placeOfObject(digest);
  const dir = folderIn(store, folder);
  return dir === "missing" || dir === "other" ? dir : openPlainFile(dir, name, fs);
}

function folderIn(store: AnchoredRoot, name: string): AnchoredDir | "missing" | "other" {
  try {
    return store.folder([name]);
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === "ENOENT") return "missing";
    if (errno === "ENOTDIR" || errno === "ELOOP") return "other";
    throw thrown;
  }
}

/** The fault for a system error of a store, or of its folder of packs. */
export function storeFault(
  reason: MachineReason,
  code: "READ_FAILED" | "WRITE_FAILED",
  path: string = STORE_FOLDER,
): OperationFault {
  return reason === "not-a-folder"
    ? operationFault("STORE_UNUSABLE", { reason: "folder", path })
    : operationFault(code, { path, reason });
}

/** Enters a folder of the store, never through a link; `undefined` where there is none. The caller closes it. Throws what open(2) says. */
export function enterOwn(project: AnchoredRoot, components: readonly string[]): AnchoredDir | undefined {
  let dir: AnchoredDir = project.dir;
  for (const component of components) {
    const above = dir;
    try {
      if (above.lstat(component) === undefined) return undefined;
      dir = above.enter(component);
    } finally {
      if (above !== project.dir) above.close();
    }
  }
  return dir;
}
