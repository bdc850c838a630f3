/**
 * One restore at a time in one root: the lock holder gives a fixed name in the root to its owner socket. link(2) creates the
 * name or fails, so there is one winner.
 *
 * Two processes could both win when they take over a dead owner's name: a slow one may unlink the name of a live one. Then
 * both restore at once, and still nothing breaks: a staging folder whose socket answers is never touched, and no file
 * replaces another.
 *
 * @module
 */

import { STAGING_PREFIX } from "../../../../core/internal.ts";
import type { AnchoredDir } from "../../../system/files/anchored-dir.ts";
import { type FileIdentity, isSame, removeOwnFile } from "../../../system/files/made-entry.ts";
import { isOwnerAlive, isOwnerEntry } from "../../../system/locks/owner.ts";
import { errnoOf } from "../../../system/runtime/machine-reason.ts";
import { STAGED, type Staging } from "./staging.ts";

/** The name in the root. */
export const LOCK_NAME: string = `${STAGING_PREFIX}lock`;

/** Several processes may find the same dead owner. Each loses at most once to each other one. */
const ATTEMPTS = 8;

/** The lock of one root. */
export class RootLock {
  readonly #root: AnchoredDir;
  #identity: FileIdentity | undefined;

  constructor(root: AnchoredDir) {
    this.#root = root;
  }

  /** Takes the lock for the owner of a staging folder. `false` if another process has it. Throws what the system says. */
  async acquire(staging: Staging): Promise<boolean> {
    const socket = staging.dir.stats(STAGED.owner);
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
    const found = this.#stats();
    return found !== undefined && this.#identity !== undefined && isSame(found, this.#identity);
  }

  /** Releases the lock. Gives whether its name is removed. */
  release(): boolean {
    return this.#identity === undefined || removeOwnFile(this.#identity, this.#root, LOCK_NAME);
  }

  #take(staging: Staging): boolean {
    try {
      staging.dir.link(STAGED.owner, this.#root, LOCK_NAME);
      return true;
    } catch (thrown) {
      if (errnoOf(thrown) === "EEXIST") return false;
      throw thrown;
    }
  }

  /** Whether the lock holder lives. A dead one's socket is removed. What is not this user's socket is left alone. */
  async #isAlive(): Promise<boolean> {
    const found = this.#stats();
    if (found === undefined) return false;
    if (!isOwnerEntry(found) || found.uid !== BigInt(process.geteuid?.() ?? 0)) return true;
    if (await isOwnerAlive(this.#root.address(LOCK_NAME))) return true;
    removeOwnFile(found, this.#root, LOCK_NAME);
    return false;
  }

  #stats() {
    return this.#root.stats(LOCK_NAME);
  }
}
