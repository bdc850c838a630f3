/**
 * What this restore made, and how to take back just that (PROTOCOL 13.7). It is noted before the call that
 * makes it: a call may do its work and fail all the same, as when the answer of a server is lost.
 *
 * @module
 */

import type { BigIntStats } from "node:fs";
import { publishCause } from "../cause-channel.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import type { FileSystem } from "../files/file-system.ts";
import { errnoOf } from "../files/machine-reason.ts";

/** Which file or folder a name must lead to for us to undo it: never a name alone. */
export interface FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
}

/** Something this restore made, or tried to. */
export interface OwnEntry {
  /**
   * Removes what stands under a name if it is ours, a folder only if it is empty: what somebody else put
   * there meanwhile stays. Gives whether nothing of ours is left under this name.
   */
  remove(dir: AnchoredDir, name: string, fs: FileSystem): boolean;
}

/** A name that this restore gave to a file of its own. */
export class OwnFile implements OwnEntry {
  readonly #identity: FileIdentity;

  constructor(identity: FileIdentity) {
    this.#identity = identity;
  }

  remove(dir: AnchoredDir, name: string, fs: FileSystem): boolean {
    try {
      const address = dir.address(name);
      const found = fs.lstatSync(address, { bigint: true, throwIfNoEntry: false });
      if (found !== undefined && isSame(found, this.#identity)) fs.unlinkSync(address);
      return true;
    } catch (thrown) {
      // A folder has the name since we looked.
      return isOneOf(thrown, ["ENOENT", "EISDIR"]) || stays(thrown);
    }
  }
}

/** A folder that this restore makes. */
export class OwnFolder implements OwnEntry {
  #mayBeThere = false;
  /** Not known where mkdir(2) failed: an empty folder under the name is then taken for ours. */
  #identity: FileIdentity | undefined;

  /** Makes it, exclusively: a name that is taken is an error, never a reuse. Throws what the system says. */
  make(dir: AnchoredDir, name: string, mode: number, fs: FileSystem): void {
    const address = dir.address(name);
    this.#identity = undefined;
    try {
      this.#mayBeThere = true;
      fs.mkdirSync(address, mode);
    } catch (thrown) {
      this.#mayBeThere = !isOneOf(thrown, ["EEXIST"]);
      throw thrown;
    }
    const { dev, ino } = fs.lstatSync(address, { bigint: true });
    this.#identity = { dev, ino };
  }

  /** Whether this very folder stands under a name. Throws what the system says. */
  isAt(dir: AnchoredDir, name: string, fs: FileSystem): boolean {
    const found = fs.lstatSync(dir.address(name), { bigint: true, throwIfNoEntry: false });
    return found !== undefined && this.#identity !== undefined && isSame(found, this.#identity);
  }

  /** Removes what stands under a name if it is this folder. Throws what the system says, ENOTEMPTY too. */
  discard(dir: AnchoredDir, name: string, fs: FileSystem): void {
    if (!this.#mayBeThere) return;
    const address = dir.address(name);
    const found = fs.lstatSync(address, { bigint: true, throwIfNoEntry: false });
    if (found !== undefined && this.#isOurs(found)) fs.rmdirSync(address);
  }

  remove(dir: AnchoredDir, name: string, fs: FileSystem): boolean {
    try {
      this.discard(dir, name, fs);
      return true;
    } catch (thrown) {
      // A folder that somebody put something into stays; ENOTDIR: a link has the name since we looked.
      return isOneOf(thrown, ["ENOENT", "ENOTEMPTY", "EEXIST", "ENOTDIR"]) || stays(thrown);
    }
  }

  #isOurs(found: BigIntStats): boolean {
    return found.isDirectory() && (this.#identity === undefined || isSame(found, this.#identity));
  }
}

function isSame(found: BigIntStats, identity: FileIdentity): boolean {
  return found.dev === identity.dev && found.ino === identity.ino;
}

/** Whether a thrown system error is one of these; what is no system error is a bug, and thrown on. */
function isOneOf(thrown: unknown, errnos: readonly string[]): boolean {
  const errno = errnoOf(thrown);
  if (errno === undefined) throw thrown;
  return errnos.includes(errno);
}

/** It could not be removed: the log hears why. */
function stays(thrown: unknown): false {
  publishCause(thrown);
  return false;
}
