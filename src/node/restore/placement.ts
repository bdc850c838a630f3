/**
 * Putting staged files in place, and taking back exactly what was put (PROTOCOL 13.5 and 13.7).
 *
 * link(2) creates a name or fails: it cannot replace anything, whatever appeared meanwhile (H-03).
 *
 * @module
 */

import { publishCause } from "../cause-channel.ts";
import type { AnchoredRoot, Location } from "../files/anchored-root.ts";
import type { FileSystem } from "../files/file-system.ts";
import { errnoOf } from "../files/machine-reason.ts";
import { type OwnEntry, OwnFile, OwnFolder } from "./own-entry.ts";
import type { Staging } from "./staging.ts";

/** Something this restore made, and where: a real place without links, below the root. */
interface Made {
  readonly real: string;
  readonly entry: OwnEntry;
}

/** Why a file could not be put in place: something else than the system stands in the way. */
export type Obstacle = "no-place";

/** What this restore has put below one root so far. */
export class Placement {
  readonly #root: AnchoredRoot;
  readonly #fs: FileSystem;
  readonly #made: Made[] = [];

  constructor(root: AnchoredRoot, fs: FileSystem) {
    this.#root = root;
    this.#fs = fs;
  }

  /**
   * Links one staged file to its path, making folders on the way as needed. Throws what the system says,
   * EEXIST where the name is taken; an obstacle is something on the way that is no folder, or leads out.
   */
  put(staging: Staging, index: number, path: string): Obstacle | undefined {
    const identity = staging.identity(index);
    if (identity === undefined) throw new TypeError("a file is put in place after it was staged");
    const location = this.#makeWay(path);
    if (location === undefined) return "no-place";
    this.#made.push({ real: location.real, entry: new OwnFile(identity) });
    this.#fs.linkSync(staging.address(index), location.dir.address(location.name));
    return undefined;
  }

  /** Syncs every folder that got a new name, so that the names are durable. [target-dirs] */
  sync(): undefined {
    const folders = new Set(this.#made.map(({ real }) => parentComponents(real).join("/")));
    for (const folder of folders) {
      this.#fs.fsyncSync(this.#root.folder(folder === "" ? [] : folder.split("/")).fd);
    }
  }

  /**
   * Removes what was put, newest first: files that are still the very inode, folders if they are empty.
   * What somebody else put there meanwhile stays. Gives whether nothing of this restore is left.
   */
  undo(): boolean {
    let clean = true;
    for (const made of this.#made.splice(0).reverse()) {
      if (!this.#remove(made)) clean = false;
    }
    return clean;
  }

  #makeWay(path: string): Extract<Location, { kind: "entry" }> | undefined {
    // One round for each folder to make; a path has no more components than bytes.
    for (let round = 0; round <= path.length; round++) {
      const location = this.#root.locate(path);
      if (location.kind === "entry") return location;
      if (location.kind !== "missing") return undefined;
      this.#makeFolder(location.real);
      // Below a new folder there is nothing yet, so that the rest of a plain path needs no further walk.
      if (location.ahead.some((component) => component === ".." || component === ".")) continue;
      let real = location.real;
      for (const component of location.ahead.slice(0, -1)) {
        real = `${real}/${component}`;
        this.#makeFolder(real);
      }
    }
    return undefined;
  }

  #makeFolder(real: string): void {
    const parent = this.#root.folder(parentComponents(real));
    const folder = new OwnFolder();
    this.#made.push({ real, entry: folder });
    folder.make(parent, lastComponent(real), 0o777, this.#fs);
  }

  #remove({ real, entry }: Made): boolean {
    try {
      return entry.remove(this.#root.folder(parentComponents(real)), lastComponent(real), this.#fs);
    } catch (thrown) {
      const errno = errnoOf(thrown);
      if (errno === undefined) throw thrown;
      // Its folder is gone, and it with it.
      if (errno === "ENOENT") return true;
      publishCause(thrown);
      return false;
    }
  }
}

function lastComponent(real: string): string {
  return real.slice(real.lastIndexOf("/") + 1);
}

function parentComponents(real: string): readonly string[] {
  return real.split("/").slice(0, -1);
}
