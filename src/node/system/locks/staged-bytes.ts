/**
 * New bytes of a file before they have its name: created exclusively in a locked folder, given their owner and
 * mode by descriptor, synced, and overwritten when they are not used.
 *
 * @module
 */

import { constants } from "node:fs";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import { writeAll } from "../files/durable-file.ts";
import { nodeFileSystem as fs, OPEN_NEW } from "../files/file-system.ts";
import { machineReason, tolerate } from "../runtime/machine-reason.ts";

/** What is staged: new bytes of the locked file, new bytes of its companion, or the companion that they replace. */
export type StagedKind = "new" | "companion" | "old-companion";

const KINDS: readonly StagedKind[] = ["new", "companion", "old-companion"];

/** A private key is one line, and shorter. A planted file may claim any size. */
const MAX_OVERWRITTEN_BYTES = 4096;

const NAME = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.(?:new|companion|old-companion)$/;

/** What new bytes get besides their content. */
export interface StagedAttributes {
  /** The mode, set exactly, whatever the umask. */
  readonly mode: number;
  /** Whom the file belongs to; default: this process's user. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
}

/** The name of staged bytes in the folder of a lock. `id` is the lock holder's UUID. */
export function stagedName(id: string, kind: StagedKind): string {
  return `${id}.${kind}`;
}

/** Whether a name in the folder of a lock is one of staged bytes. */
export function isStagedName(name: string): boolean {
  return NAME.test(name);
}

/**
 * Creates staged bytes and syncs them. Owner and mode are set by descriptor: a name can be exchanged for a link
 * between two calls, and root would then give away another file. Throws what the system says.
 */
export function stageBytes(address: string, bytes: Uint8Array, { mode, owner }: StagedAttributes): void {
  const fd = fs.openSync(address, OPEN_NEW, 0o600);
  try {
    writeAll(fd, bytes, 0, fs);
    if (owner !== undefined) giveTo(fd, owner);
    // fchown(2) may clear bits of the mode, so the mode comes after it.
    fs.fchmodSync(fd, mode);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** Overwrites and removes what a lock holder staged. Throws what the system says. */
export function discardStaged(lock: AnchoredDir, id: string): void {
  for (const kind of KINDS) {
    const address = lock.address(stagedName(id, kind));
    if (fs.lstatSync(address, { throwIfNoEntry: false }) === undefined) continue;
    overwrite(address);
    tolerate(["ENOENT"], () => fs.unlinkSync(address));
  }
}

function giveTo(fd: number, owner: { readonly uid: number; readonly gid: number }): void {
  const { gid, uid } = fs.fstatSync(fd);
  if (gid !== owner.gid || uid !== owner.uid) fs.fchownSync(fd, owner.uid, owner.gid);
}

/**
 * Overwrites a key with zeros, on the disk too. Only a regular file of this user with one name: a hard link could
 * have been planted to have another file destroyed. The name goes even if the system refuses the write.
 */
function overwrite(address: string): void {
  try {
    const fd = fs.openSync(address, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = fs.fstatSync(fd);
      const isOurs = process.geteuid === undefined || stats.uid === process.geteuid();
      if (!stats.isFile() || stats.nlink !== 1 || !isOurs) return;
      writeAll(fd, Buffer.alloc(Math.min(stats.size, MAX_OVERWRITTEN_BYTES)), 0, fs);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
  }
}
