/**
 * Putting staged files in place, and taking back exactly what was put (PROTOCOL 13.5 and 13.7).
 *
 * link(2) creates a name or fails: it cannot replace anything, whatever appeared meanwhile (H-03).
 *
 * @module
 */

import type { AnchoredRoot, Location } from "../files/anchored-root.ts";
import type { FileSystem } from "../files/file-system.ts";
import { errnoOf } from "../files/machine-reason.ts";
import type { FileIdentity, Staging } from "./staging.ts";

/** Something this restore made: where, and which inode. The place is real, without links, below the root. */
interface Made extends FileIdentity {
  readonly real: string;
  readonly kind: "file" | "folder";
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
    this.#fs.linkSync(staging.address(index), location.dir.address(location.name));
    this.#made.push({ ...identity, real: location.real, kind: "file" });
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
    }
    return undefined;
  }

  #makeFolder(real: string): void {
    const name = real.slice(real.lastIndexOf("/") + 1);
    const parent = this.#root.folder(parentComponents(real));
    this.#fs.mkdirSync(parent.address(name), 0o777);
    const { dev, ino } = this.#fs.lstatSync(parent.address(name), { bigint: true });
    this.#made.push({ dev, ino, real, kind: "folder" });
  }

  #remove({ real, kind, dev, ino }: Made): boolean {
    try {
      const address = this.#root
        .folder(parentComponents(real))
        .address(real.slice(real.lastIndexOf("/") + 1));
      const found = this.#fs.lstatSync(address, { bigint: true, throwIfNoEntry: false });
      // Gone, or no longer ours: either way there is nothing of ours under this name.
      if (found === undefined || found.dev !== dev || found.ino !== ino) return true;
      if (kind === "file") this.#fs.unlinkSync(address);
      else this.#fs.rmdirSync(address);
      return true;
    } catch (thrown) {
      const errno = errnoOf(thrown);
      if (errno === undefined) throw thrown;
      // A folder that somebody put something into stays; so does one whose parent is gone.
      return errno === "ENOENT" || (kind === "folder" && (errno === "ENOTEMPTY" || errno === "EEXIST"));
    }
  }
}

function parentComponents(real: string): readonly string[] {
  return real.split("/").slice(0, -1);
}
