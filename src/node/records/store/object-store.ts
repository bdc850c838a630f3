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
import { type FileSystem, nodeFileSystem } from "../../system/files/file-system.ts";
import { type OpenSource, openPlainFile } from "../../system/files/read-source.ts";
import { errnoOf, reasonOf } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";

/** An open store. The caller that opened it closes it. */
export class ObjectStore implements Disposable {
  /** The store's folder, below which objects have their paths. */
  readonly root: AnchoredRoot;
  readonly #fs: FileSystem;

  /** Takes over the folder of a store, held as a root of its own. */
  constructor(root: AnchoredRoot, fs: FileSystem) {
    this.root = root;
    this.#fs = fs;
  }

  /**
   * Opens the store of a project; `undefined` if it has none. Fails with STORE_UNUSABLE if a link or
   * something else has its name, and with READ_FAILED if it can't be opened.
   */
  static open(
    project: AnchoredRoot,
    fs: FileSystem = nodeFileSystem,
  ): Result<ObjectStore | undefined, OperationFault> {
    try {
      const dir = enterOwn(project, STORE_COMPONENTS);
      if (dir === undefined) return ok(undefined);
      const root = new AnchoredRoot(dir, [...project.real, ...STORE_COMPONENTS]);
      return ok(new ObjectStore(root, fs));
    } catch (thrown) {
      return storeFault(reasonOf(thrown), "READ_FAILED");
    }
  }

  /** What lstat says of an object's file. Throws what the system says. */
  find(digest: HexDigest): BigIntStats | "missing" | "other" {
    const { folder, name } = placeOfObject(digest);
    const dir = this.#folder(folder);
    if (dir === "missing" || dir === "other") return dir;
    const stats = dir.stats(name);
    if (stats === undefined) return "missing";
    return stats.isFile() ? stats : "other";
  }

  /** Opens an object; the caller closes it and hashes what it reads. Throws what the system says otherwise. */
  open(digest: HexDigest): OpenSource | "missing" | "other" {
    const { folder, name } = placeOfObject(digest);
    const dir = this.#folder(folder);
    if (dir === "missing" || dir === "other") return dir;
    return openPlainFile(dir, name, this.#fs);
  }

  close(): void {
    this.root.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #folder(name: string): AnchoredDir | "missing" | "other" {
    try {
      return this.root.folder([name]);
    } catch (thrown) {
      const errno = errnoOf(thrown);
      if (errno === "ENOENT") return "missing";
      if (errno === "ENOTDIR" || errno === "ELOOP") return "other";
      throw thrown;
    }
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
