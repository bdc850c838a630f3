/**
 * The staging folder: whole and synced copies on the target's own file system, before the first of them
 * appears under its name (PROTOCOL 13.5). While it exists, it is also the record of what a restore did: a
 * staged file and its target are the same inode (13.9).
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { STAGING_PREFIX } from "../../../../core/internal.ts";
import { AnchoredDir } from "../../../system/files/anchored-dir.ts";
import { type FileSystem, OPEN_FOLDER, OPEN_NEW } from "../../../system/files/file-system.ts";
import { OwnFolder } from "../../../system/files/made-entry.ts";
import { showsPermissions } from "../../../system/files/shared-above.ts";
import { announceOwner, isOwnerAlive, isOwnerEntry, type Owner } from "../../../system/locks/owner.ts";
import { errnoOf, machineReason, tolerate } from "../../../system/runtime/machine-reason.ts";
import { isWindows } from "../../../system/runtime/this-system.ts";

/** What a staging folder is for: files for an existing root, or a new root. */
export type StagingKind = "staging" | "new";

/** Names in a staging folder, beside the staged files `f0`, `f1`, …: never a name that a bundle chose (H-08). */
export const STAGED = {
  /** What shows whether the process of the restore lives (`locks/owner.ts`). */
  owner: "owner",
  /** What the restore is about to do: while it is written, and once it is durable. */
  newJournal: "journal.new",
  journal: "journal",
  /** Everything is in place, hashed again and synced. */
  committed: "committed",
  /** No restored file is left. */
  aborted: "aborted",
  /** The tree of a new root. */
  tree: "root",
} as const;

const MODE = 0o700;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A name for a staging folder: random, so no other process has it or can guess it. */
export function stagingName(kind: StagingKind): string {
  return prefixOf(kind) + randomUUID();
}

/** Whether a name is one that a staging folder of this kind could have. */
export function isStagingName(kind: StagingKind, name: string): boolean {
  const prefix = prefixOf(kind);
  return name.startsWith(prefix) && UUID.test(name.slice(prefix.length));
}

/** The name of a staged file, by its number among all files of a restore: never a name that a bundle chose (H-08). */
export function stagedName(index: number): string {
  return `f${index}`;
}

/** The second name of something that is held, by its number among all that goes and, after these, all modes. */
export function heldName(index: number): string {
  return `h${index}`;
}

/** The name of what was set aside, by its number among all that goes. */
export function movedName(index: number): string {
  return `o${index}`;
}

/** The name of what a recovery took from the place of the staged file of this number, to look at it. */
export function takenName(index: number): string {
  return `x${index}`;
}

/** Whether a name is one that a staged or held file could have: never the only name of a file of the user. */
export function isStagedName(name: string): boolean {
  return /^[fh]\d+$/.test(name);
}

/** Whether a name is one of something that was set aside: it may be its only name. */
export function isMovedName(name: string): boolean {
  return /^[ox]\d+$/.test(name);
}

function prefixOf(kind: StagingKind): string {
  return `${STAGING_PREFIX}${kind}_`;
}

/** One staging folder, before it is made until after it is removed. */
export class Staging implements Disposable {
  /** The folder that holds the staging folder. */
  readonly parent: AnchoredDir;
  readonly name: string;
  /** Staged names that another process had taken: they are not removed. */
  readonly taken: Set<string> = new Set();
  readonly #fs: FileSystem;
  readonly #folder = new OwnFolder();
  #dir: AnchoredDir | undefined;
  #owner: Owner | undefined;

  constructor(parent: AnchoredDir, name: string, fs: FileSystem) {
    this.parent = parent;
    this.name = name;
    this.#fs = fs;
  }

  /** Makes the folder, exclusively: a name that is taken is an error, never a reuse (H-08). Throws what the system says. */
  make(): void {
    this.#folder.make(this.parent, this.name, MODE);
    // Fails in an append-only folder (`chattr +a`): now, while only an empty folder would be left behind.
    this.#folder.discard(this.parent, this.name);
    this.#folder.make(this.parent, this.name, MODE);
    this.#dir = this.parent.enter(this.name);
  }

  /**
   * Enters the folder of an earlier restore. `false` where this user's runseal can't have made it: not a real folder,
   * another user's, or open to other users. Throws what the system says.
   */
  enter(): boolean {
    const fd = this.#openOwn();
    if (fd === undefined) return false;
    this.#dir = new AnchoredDir(fd, this.parent.address(this.name), this.#fs);
    const stats = this.#fs.fstatSync(fd, { bigint: true });
    if (!isOwn(stats)) {
      this.close();
      return false;
    }
    this.#folder.recall(stats);
    return true;
  }

  /** The folder itself. */
  get dir(): AnchoredDir {
    if (this.#dir === undefined) throw new TypeError("a staging folder is used after it was made");
    return this.#dir;
  }

  /** The address of a name in the folder. */
  address(name: string): string {
    return this.dir.address(name);
  }

  /** Adds an empty file as a marker. Added, never renamed: that is atomic on btrfs too. */
  mark(name: string): void {
    this.#fs.closeSync(this.dir.open(name, OPEN_NEW, 0o600));
  }

  /** Unlinks a name that may be missing. Throws what the system says otherwise. */
  unlink(name: string): void {
    tolerate(["ENOENT"], () => this.dir.unlink(name));
  }

  /** Whether the folder is found by its name in capitals as well. Throws what the system says. */
  get isFoundInCapitals(): boolean {
    return this.#folder.isAt(this.parent, this.name.toUpperCase());
  }

  /** Makes durable which names are in the folder. Throws what the system says. */
  sync(): void {
    this.#fs.fsyncSync(this.dir.fd);
  }

  /** Whether the folder was made at all. */
  get isMade(): boolean {
    return this.#dir !== undefined;
  }

  /**
   * Shows to other processes that this one lives. `undefined` where a recovery removed the folder just before, because it had no
   * owner yet. Throws what the system says otherwise.
   */
  async announce(): Promise<Owner | undefined> {
    try {
      this.#owner = await announceOwner(this.address(STAGED.owner));
      return this.#owner;
    } catch (thrown) {
      if (errnoOf(thrown) === undefined || this.#mayBeAtItsPlace()) throw thrown;
      return undefined;
    }
  }

  /** Removes the owner's name, which may be an earlier process's. Throws what the system says. */
  unlinkOwner(): void {
    // Windows unlinks no file that is held.
    if (isWindows) this.#owner?.close();
    this.unlink(STAGED.owner);
  }

  /** Whether the folder shows which process it belongs to. Throws what the system says. */
  hasOwner(): boolean {
    const owner = this.dir.stats(STAGED.owner);
    return owner !== undefined && isOwnerEntry(owner);
  }

  /** Whether the process lives that made the folder. In doubt, the answer is yes. Throws what the system says. */
  async isOwnerAlive(): Promise<boolean> {
    const owner = this.dir.stats(STAGED.owner);
    if (owner === undefined) return false;
    return await isOwnerAlive(this.address(STAGED.owner));
  }

  /** Removes the folder, which must be empty. Throws what the system says. */
  remove(): void {
    this.#folder.discard(this.parent, this.name);
  }

  /** Closes the folder, after its owner: from then on, other processes take the folder for that of a dead process. */
  close(): void {
    this.#owner?.close();
    this.#dir?.close();
    this.#dir = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #mayBeAtItsPlace(): boolean {
    try {
      return this.#folder.isAt(this.parent, this.name);
    } catch (thrown) {
      if (machineReason(thrown) === undefined) throw thrown;
      return true;
    }
  }

  #openOwn(): number | undefined {
    try {
      return this.parent.open(this.name, OPEN_FOLDER);
    } catch (thrown) {
      const errno = errnoOf(thrown);
      // A link, a file, or removed since it was listed.
      if (errno === "ENOTDIR" || errno === "ELOOP" || errno === "ENOENT") return undefined;
      // A folder that this user's runseal made is not closed to it.
      if (errno === "EACCES" && !this.#isOwnThere()) return undefined;
      throw thrown;
    }
  }

  #isOwnThere(): boolean {
    const found = this.parent.stats(this.name);
    return found?.isDirectory() === true && isOwn(found);
  }
}

/** Whether a folder belongs to this user and is closed to all others. True where the system shows neither. */
function isOwn({ mode, uid }: BigIntStats): boolean {
  if (!showsPermissions()) return true;
  return uid === BigInt(process.geteuid?.() ?? 0) && (mode & 0o7777n) === BigInt(MODE);
}
