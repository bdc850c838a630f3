/**
 * Walks to paths below a root without following any link, for bundles with a tree: an earlier bundle may have planted links there
 * (PROTOCOL 19).
 *
 * @module
 */

import type { AnchoredDir } from "../../../system/files/anchored-dir.ts";
import type { AnchoredRoot } from "../../../system/files/anchored-root.ts";
import type { FileSystem } from "../../../system/files/file-system.ts";
import { findObstacle } from "../../../system/files/folder-entries.ts";
import { errnoOf } from "../../../system/runtime/machine-reason.ts";
import { components, folderOf } from "../../transaction/journal/places.ts";

/** A folder, or why there is none: the first folder on the way is missing, a link, or of another kind. */
export type StraightFolder = AnchoredDir | "missing" | "link" | "not-a-folder";

/** A walk through a root. Neighbours cost little: the last folder is remembered. */
export class StraightWalk {
  readonly #root: AnchoredRoot;
  readonly #fs: FileSystem;
  #last: { readonly path: string; readonly folder: StraightFolder } | undefined;

  constructor(root: AnchoredRoot, fs: FileSystem) {
    this.#root = root;
    this.#fs = fs;
  }

  /** The folder that holds the last component of a path. Use it before the next walk. Throws what the system says. */
  holderOf(path: string): StraightFolder {
    const folder = folderOf(path);
    if (this.#last?.path !== folder) this.#last = { path: folder, folder: this.#enter(folder) };
    return this.#last.folder;
  }

  /** Forgets the last folder, which another walk through the same root may close. */
  forget(): void {
    this.#last = undefined;
  }

  #enter(path: string): StraightFolder {
    const names = components(path);
    try {
      return this.#root.folder(names);
    } catch (thrown) {
      const errno = errnoOf(thrown);
      if (errno === "ENOENT" || errno === "ENAMETOOLONG") return "missing";
      if (errno !== "ENOTDIR" && errno !== "ELOOP") throw thrown;
      const obstacle = findObstacle(this.#root, names, this.#fs);
      // It became a folder since it was refused.
      if (obstacle === null) return this.#root.folder(names);
      return obstacle === undefined ? "missing" : obstacle.isSymbolicLink() ? "link" : "not-a-folder";
    }
  }
}
