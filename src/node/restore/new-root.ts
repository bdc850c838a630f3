/**
 * A restore root that isn't there yet: it is filled beside its place and appears by one rename
 * (PROTOCOL 13.9).
 *
 * @module
 */

import { type RestoreFault, restoreFault } from "../../core/index.ts";
import { type AnchoredDir, stillLeadsTo } from "../files/anchored-dir.ts";
import { AnchoredRoot } from "../files/anchored-root.ts";
import type { FileSystem } from "../files/file-system.ts";
import { OwnFolder } from "./own-entry.ts";
import { stagingName } from "./staging.ts";

/** Where a new root is to appear. */
export interface NewPlace {
  /** The folder that is to hold it. */
  readonly parent: AnchoredDir;
  /** The path by which the caller named that folder. */
  readonly parentPath: string;
  readonly name: string;
}

/** A root from before it is made until it has its name. */
export class NewRoot {
  readonly #place: NewPlace;
  readonly #fs: FileSystem;
  readonly #beside: string = stagingName();
  readonly #folder = new OwnFolder();
  #mayHaveName = false;

  constructor(place: NewPlace, fs: FileSystem) {
    this.#place = place;
    this.#fs = fs;
  }

  /** Makes the folder beside its place, to be filled. Throws what the system says. */
  make(): AnchoredRoot {
    const { parent } = this.#place;
    this.#folder.make(parent, this.#beside, 0o777, this.#fs);
    // Never through a link: whoever may write beside us could have put one in the folder's place.
    const dir = parent.enter(this.#beside);
    try {
      return AnchoredRoot.adopt(dir, parent.address(this.#beside), this.#fs);
    } catch (thrown) {
      dir.close();
      throw thrown;
    }
  }

  /** Gives the root its name. Throws what the system says, which may be after the rename. */
  arrive(): RestoreFault | undefined {
    const { parent, parentPath, name } = this.#place;
    if (!stillLeadsTo(parentPath, parent)) return restoreFault("VERIFY", "RESTORE_FINALIZE_FAILED");
    // The rename itself replaces an empty folder at most, and only one that came in this very moment.
    const taken = this.#fs.lstatSync(parent.address(name), { throwIfNoEntry: false });
    if (taken !== undefined) {
      return restoreFault("VERIFY", "RESTORE_FINALIZE_FAILED", { reason: "already-there" });
    }
    this.#mayHaveName = true;
    this.#fs.renameSync(parent.address(this.#beside), parent.address(name));
    this.#fs.fsyncSync(parent.fd);
    // Something else may have been put in the folder's place, and have got its name instead.
    const arrived = this.#folder.isAt(parent, name, this.#fs);
    return arrived ? undefined : restoreFault("VERIFY", "RESTORE_FINALIZE_FAILED");
  }

  /** Removes the folder, after what was in it; under either name. Gives whether it is gone. */
  retreat(): boolean {
    const { parent, name } = this.#place;
    const beside = this.#folder.remove(parent, this.#beside, this.#fs);
    return (!this.#mayHaveName || this.#folder.remove(parent, name, this.#fs)) && beside;
  }
}
