/**
 * The folders of objects while some are added: entered, made if they are missing, and removed again after a failure.
 *
 * @module
 */

import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { attempt, unlessErrno } from "../../system/runtime/machine-reason.ts";

/** Folders below a project root, by their components; no link is followed. All throw what the system says. */
export class StoreFolders {
  readonly #project: AnchoredRoot;
  /** Parents first. */
  readonly #made: (readonly string[])[] = [];

  constructor(project: AnchoredRoot) {
    this.#project = project;
  }

  /** Enters a folder. It stays open until others need its place: use it at once. */
  enter(components: readonly string[]): AnchoredDir {
    return this.#project.folder(components);
  }

  /** The same, or `undefined` if it is missing. */
  enterIfThere(components: readonly string[]): AnchoredDir | undefined {
    return unlessErrno(["ENOENT"], () => this.enter(components));
  }

  /** Makes a folder and those above it, if they are missing. */
  make(folder: readonly string[]): void {
    for (let depth = 1; depth <= folder.length; depth++) {
      const components = folder.slice(0, depth);
      if (this.enterIfThere(components) !== undefined) continue;
      this.enter(components.slice(0, -1)).mkdir(components.at(-1) ?? "", 0o777);
      this.#made.push(components);
    }
  }

  /** Removes what was made, unless something is in it by now. */
  removeMade(): void {
    for (const folder of this.#made.splice(0).toReversed()) {
      attempt(() => this.enter(folder.slice(0, -1)).rmdir(folder.at(-1) ?? ""));
    }
    this.close();
  }

  /** Closes the open folders: their names may lead to others by now. */
  close(): void {
    this.#project.closeFolders();
  }
}
