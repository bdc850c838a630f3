/**
 * What this restore made, and how to take back just that (PROTOCOL 13.7). It is noted before the call that
 * makes it: a call may do its work and fail all the same, as when the answer of a server is lost.
 *
 * @module
 */

import type { BigIntStats } from "node:fs";
import { publishCause } from "../runtime/cause-channel.ts";
import { errnoOf } from "../runtime/machine-reason.ts";
import type { AnchoredDir } from "./anchored-dir.ts";
import type { FileSystem } from "./file-system.ts";

/** Which file or folder a name must lead to for us to undo it: never a name alone. */
export interface FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
}

/** Whether two are the same file or folder. */
export function isSame(found: FileIdentity, identity: FileIdentity): boolean {
  return found.dev === identity.dev && found.ino === identity.ino;
}

/**
 * Unlinks what stands under a name if it is the file of that identity: what somebody else put there
 * meanwhile stays. Gives whether nothing of ours is left under this name.
 */
export function removeOwnFile(
  identity: FileIdentity,
  dir: AnchoredDir,
  name: string,
  fs: FileSystem,
): boolean {
  try {
    const address = dir.address(name);
    const found = fs.lstatSync(address, { bigint: true, throwIfNoEntry: false });
    if (found !== undefined && isSame(found, identity)) fs.unlinkSync(address);
    return true;
  } catch (thrown) {
    // A folder has the name since we looked.
    return isOneOf(thrown, ["ENOENT", "EISDIR"]) || stays(thrown);
  }
}

/** A folder that a restore makes. */
export class OwnFolder {
  #mayBeThere = false;
  /** Not known where mkdir(2) failed, or where another process made it: an empty folder of our own is then taken for it. */
  #identity: FileIdentity | undefined;

  /** A folder that an earlier process may have made: known by its name and by being ours and empty. */
  static ofEarlierProcess(): OwnFolder {
    const folder = new OwnFolder();
    folder.#mayBeThere = true;
    return folder;
  }

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

  /** Takes a folder that is held open for the one that was made. */
  recall(identity: FileIdentity): void {
    this.#mayBeThere = true;
    this.#identity = { dev: identity.dev, ino: identity.ino };
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

  /** The same for a folder that others may use by now: one that isn't empty stays. Gives whether that is all. */
  remove(dir: AnchoredDir, name: string, fs: FileSystem): boolean {
    try {
      this.discard(dir, name, fs);
      return true;
    } catch (thrown) {
      // ENOTDIR: a link has the name since we looked.
      return isOneOf(thrown, ["ENOENT", "ENOTEMPTY", "EEXIST", "ENOTDIR"]) || stays(thrown);
    }
  }

  #isOurs(found: BigIntStats): boolean {
    if (!found.isDirectory()) return false;
    if (this.#identity !== undefined) return isSame(found, this.#identity);
    return found.uid === BigInt(process.geteuid?.() ?? 0);
  }
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
