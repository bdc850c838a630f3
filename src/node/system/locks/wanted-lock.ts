/**
 * A lock that is a folder, whatever keeps it: what is wanted, and what the lock holder has.
 *
 * @module
 */

import type { MachineReason } from "../../../core/internal.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";

/** Which lock a process wants, and who may look into its folder. */
export interface LockName {
  /** The lock's name in its folder. */
  readonly name: string;
  /** Whether the folder is closed to all other users, whatever the umask. Otherwise the umask decides. */
  readonly isPrivate: boolean;
}

/** Which lock is wanted. */
export interface WantedLock extends LockName {
  /** Removes what a dead lock holder left, by its UUID. */
  readonly removeLeftovers?: (lock: AnchoredDir, id: string) => void;
  /** Whether a name in the lock's folder is one that a lock holder makes: `UUID.…`. */
  readonly isLeftover?: (name: string) => boolean;
}

/** A held lock. */
export interface FolderLock {
  /** The folder that is the lock, held open. */
  readonly dir: AnchoredDir;
  /** A UUID of this lock holder. */
  readonly id: string;
  /** Whether the previous lock holder was killed while it held the lock. */
  readonly fromDead: boolean;
  /** Removes what dead contenders have left, and gives the names that it left alone. Throws what the system says. */
  sweep(): Promise<readonly string[]>;
  /**
   * Gives the lock back: the next contender takes it. Gives why the system refused to remove something of it. What stays
   * keeps no other process from taking the lock.
   */
  release(): MachineReason | undefined;
}

/** The UUID of the lock holder that made a leftover. */
export function ownerOf(leftover: string): string {
  return leftover.slice(0, leftover.indexOf("."));
}
