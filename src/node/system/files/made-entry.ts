/**
 * Files and folders that this process made, and how to remove exactly these (PROTOCOL 13.7). They are noted before
 * the call that makes them: a call may take effect and fail all the same, as when a server's answer is lost.
 *
 * @module
 */

import type { BigIntStats } from "node:fs";
import { publishCause } from "../runtime/cause-channel.ts";
import { errnoOf } from "../runtime/machine-reason.ts";
import type { AnchoredDir } from "./anchored-dir.ts";
import type { FileSystem } from "./file-system.ts";

/** The file or folder that a name must lead to before it is removed: a name alone never suffices. */
export interface FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
}

/** Whether two are the same file or folder. */
export function isSame(found: FileIdentity, identity: FileIdentity): boolean {
  return found.dev === identity.dev && found.ino === identity.ino;
}

/** Whether a name leads to a file or folder, and through no link. Throws what the system says. */
export function isFileAt(dir: AnchoredDir, name: string, identity: FileIdentity): boolean {
  const found = dir.stats(name);
  return found !== undefined && isSame(found, identity);
}

/**
 * Unlinks a name if it leads to the file of that identity: a file that another process put there meanwhile stays.
 * Gives whether the name does not lead to the own file any more.
 */
export function removeOwnFile(identity: FileIdentity, dir: AnchoredDir, name: string): boolean {
  try {
    const found = dir.stats(name);
    if (found !== undefined && isSame(found, identity)) dir.unlink(name);
    return true;
  } catch (thrown) {
    // A folder got the name since the lstat.
    return isOneOf(thrown, ["ENOENT", "EISDIR"]) || stays(thrown);
  }
}

/** A folder that this process makes. */
export class OwnFolder {
  #mayBeThere = false;
  /** Unknown if mkdir(2) failed, or if an earlier process made it: then an empty folder of this user counts as it. */
  #identity: FileIdentity | undefined;

  /** A folder that an earlier process may have made: recognised by its name, its owner, and being empty. */
  static ofEarlierProcess(): OwnFolder {
    const folder = new OwnFolder();
    folder.#mayBeThere = true;
    return folder;
  }

  /** Makes it, exclusively: a name that is taken is an error, never a reuse. Throws what the system says. */
  make(dir: AnchoredDir, name: string, mode: number): void {
    this.#identity = undefined;
    try {
      this.#mayBeThere = true;
      dir.mkdir(name, mode);
    } catch (thrown) {
      this.#mayBeThere = !isOneOf(thrown, ["EEXIST"]);
      throw thrown;
    }
    this.#identity = dir.identity(name);
  }

  /** Takes an open folder as the one that was made. */
  recall(identity: FileIdentity): void {
    this.#mayBeThere = true;
    this.#identity = { dev: identity.dev, ino: identity.ino };
  }

  /** Another one has its name: that one is neither removed nor held for it. */
  disown(): void {
    this.#mayBeThere = false;
    this.#identity = undefined;
  }

  /** Whether a name leads to this very folder. Throws what the system says. */
  isAt(dir: AnchoredDir, name: string): boolean {
    const found = dir.stats(name);
    return found !== undefined && this.#identity !== undefined && isSame(found, this.#identity);
  }

  /** Whether an open folder is this very one. Throws what the system says. */
  isHeld({ fd }: AnchoredDir, fs: FileSystem): boolean {
    return this.#identity !== undefined && isSame(fs.fstatSync(fd, { bigint: true }), this.#identity);
  }

  /** Removes a name if it leads to this folder. Throws what the system says, also ENOTEMPTY. */
  discard(dir: AnchoredDir, name: string): void {
    if (!this.#mayBeThere) return;
    const found = dir.stats(name);
    if (found !== undefined && this.#isOurs(found)) dir.rmdir(name);
  }

  /** The same for a folder that may be in use by now: one that is not empty stays. Gives whether no error occurred. */
  remove(dir: AnchoredDir, name: string): boolean {
    try {
      this.discard(dir, name);
      return true;
    } catch (thrown) {
      // ENOTDIR: a link got the name since the lstat.
      return isOneOf(thrown, ["ENOENT", "ENOTEMPTY", "EEXIST", "ENOTDIR"]) || stays(thrown);
    }
  }

  #isOurs(found: BigIntStats): boolean {
    if (!found.isDirectory()) return false;
    if (this.#identity !== undefined) return isSame(found, this.#identity);
    return found.uid === BigInt(process.geteuid?.() ?? 0);
  }
}

/** Whether a system error is one of these. Throws anything else on: a bug. */
function isOneOf(thrown: unknown, errnos: readonly string[]): boolean {
  const errno = errnoOf(thrown);
  if (errno === undefined) throw thrown;
  return errnos.includes(errno);
}

/** It could not be removed: the reason goes to the log. */
function stays(thrown: unknown): false {
  publishCause(thrown);
  return false;
}
