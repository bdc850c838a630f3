/**
 * One restore at a time in one root: whoever gives the fixed name in the root to his own owner socket. link(2)
 * creates the name or fails, so there is one winner.
 *
 * Taking over a dead owner's name is the one moment where two processes could both win: one that looked
 * long ago may unlink the name of a live one. Then both restore at once, and still nothing breaks, since a
 * staging folder whose own socket answers is never touched, and no file can be put over another.
 *
 * @module
 */

import { STAGING_PREFIX } from "../../../core/internal.ts";
import type { AnchoredDir } from "../../files/anchored-dir.ts";
import type { FileSystem } from "../../files/file-system.ts";
import { type FileIdentity, isSame, removeOwnFile } from "../../files/own-entry.ts";
import { isOwnerAlive } from "../../locks/owner-socket.ts";
import { errnoOf } from "../../runtime/machine-reason.ts";
import { STAGED, type Staging } from "./staging.ts";

/** The name in the root. */
export const LOCK_NAME: string = `${STAGING_PREFIX}lock`;

/** Several may find the same dead owner: each loses at most once to each other one. */
const ATTEMPTS = 8;

/** The lock of one root. */
export class RootLock {
  readonly #root: AnchoredDir;
  readonly #fs: FileSystem;
  #identity: FileIdentity | undefined;

  constructor(root: AnchoredDir, fs: FileSystem) {
    this.#root = root;
    this.#fs = fs;
  }

  /** Takes the lock for the owner of a staging folder. `false` where somebody else has it. Throws what the system says. */
  async acquire(staging: Staging): Promise<boolean> {
    const socket = staging.look(STAGED.owner);
    if (socket === undefined) return false;
    this.#identity = { dev: socket.dev, ino: socket.ino };
    for (let round = 0; round < ATTEMPTS; round++) {
      if (this.#take(staging)) return this.isHeld();
      if (await this.#isAlive()) return false;
    }
    return false;
  }

  /** Whether the name is still our socket's. Throws what the system says. */
  isHeld(): boolean {
    const found = this.#look();
    return found !== undefined && this.#identity !== undefined && isSame(found, this.#identity);
  }

  /** Gives the lock back. Gives whether nothing of it is left. */
  release(): boolean {
    return this.#identity === undefined || removeOwnFile(this.#identity, this.#root, LOCK_NAME, this.#fs);
  }

  #take(staging: Staging): boolean {
    try {
      this.#fs.linkSync(staging.address(STAGED.owner), this.#root.address(LOCK_NAME));
      return true;
    } catch (thrown) {
      if (errnoOf(thrown) === "EEXIST") return false;
      throw thrown;
    }
  }

  /** Whether whoever has the name lives; a dead owner's socket is removed. What is no socket of ours is left alone. */
  async #isAlive(): Promise<boolean> {
    const found = this.#look();
    if (found === undefined) return false;
    if (!found.isSocket() || found.uid !== BigInt(process.geteuid?.() ?? 0)) return true;
    if (await isOwnerAlive(this.#root.address(LOCK_NAME))) return true;
    removeOwnFile(found, this.#root, LOCK_NAME, this.#fs);
    return false;
  }

  #look() {
    return this.#fs.lstatSync(this.#root.address(LOCK_NAME), { bigint: true, throwIfNoEntry: false });
  }
}
