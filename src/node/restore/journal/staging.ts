/**
 * The staging folder: whole and synced copies on the target's own file system, before the first of them
 * appears under its name (PROTOCOL 13.5). As long as it stands, it is also the record of what a restore
 * did: a staged file and its target are the same inode (13.9).
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { STAGING_PREFIX } from "../../../core/internal.ts";
import { AnchoredDir } from "../../files/anchored-dir.ts";
import { type FileSystem, OPEN_FOLDER, OPEN_NEW } from "../../files/file-system.ts";
import { OwnFolder } from "../../files/own-entry.ts";
import { errnoOf } from "../../runtime/machine-reason.ts";
import { bindingOf } from "./journal-mac.ts";

/** What a staging folder is for: files for a root that is there, or a root that is not there yet. */
export type StagingKind = "staging" | "new";

/** Names in a staging folder, beside the staged files `f0`, `f1`, …: never a name that a bundle chose (H-08). */
export const STAGED = {
  /** The socket that tells whether the restore lives. */
  owner: "owner",
  /** What the restore is about to do, while it is being written, and once it is durable. */
  newJournal: "journal.new",
  journal: "journal",
  /** Everything is in place, hashed again and synced. */
  committed: "committed",
  /** Everything was taken back. */
  aborted: "aborted",
  /** A root that is not there yet. */
  tree: "root",
} as const;

const MODE = 0o700;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A name for a staging folder that nobody can guess and nobody has. */
export function stagingName(kind: StagingKind): string {
  return prefixOf(kind) + randomUUID();
}

/** Whether a name is one that a staging folder of this kind could have. */
export function isStagingName(kind: StagingKind, name: string): boolean {
  const prefix = prefixOf(kind);
  return name.startsWith(prefix) && UUID.test(name.slice(prefix.length));
}

function prefixOf(kind: StagingKind): string {
  return `${STAGING_PREFIX}${kind}_`;
}

/** One staging folder, before it is made until after it is removed. */
export class Staging {
  readonly #parent: AnchoredDir;
  readonly name: string;
  readonly #fs: FileSystem;
  readonly #folder = new OwnFolder();
  #dir: AnchoredDir | undefined;

  constructor(parent: AnchoredDir, name: string, fs: FileSystem) {
    this.#parent = parent;
    this.name = name;
    this.#fs = fs;
  }

  /** Makes the folder, exclusively: a name that is taken is an error, never a reuse (H-08). Throws what the system says. */
  make(): void {
    this.#folder.make(this.#parent, this.name, MODE, this.#fs);
    // Where one may only add, as after `chattr +a`, this fails: now, while nothing but an empty folder is left behind.
    this.#folder.discard(this.#parent, this.name, this.#fs);
    this.#folder.make(this.#parent, this.name, MODE, this.#fs);
    this.#dir = this.#parent.enter(this.name);
  }

  /**
   * Enters the folder of an earlier restore. `false` where it isn't one that we can have made: no real
   * folder, somebody else's, or open to others. Throws what the system says.
   */
  enter(): boolean {
    const fd = this.#openOwn();
    if (fd === undefined) return false;
    this.#dir = new AnchoredDir(fd, this.#parent.address(this.name), this.#fs);
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

  /** What stands under a name, by lstat. Throws what the system says. */
  look(name: string): BigIntStats | undefined {
    return this.#fs.lstatSync(this.address(name), { bigint: true, throwIfNoEntry: false });
  }

  /** All names in the folder. Throws what the system says. */
  names(): readonly string[] {
    return this.#fs.readdirSync(this.dir.self);
  }

  /** Those of them that are no staged file's. Throws what the system says. */
  ownNames(): readonly string[] {
    return Object.values(STAGED).filter((name) => this.look(name) !== undefined);
  }

  /** What binds a journal to this folder and its place (journal-mac.ts). Throws what the system says. */
  binding(): string {
    const holder = this.#fs.fstatSync(this.#parent.fd, { bigint: true });
    return bindingOf(this.name, holder, this.#fs.fstatSync(this.dir.fd, { bigint: true }));
  }

  /** Adds an empty file that says something by being there. Added, never renamed: that holds on btrfs too. */
  mark(name: string): void {
    this.#fs.closeSync(this.#fs.openSync(this.address(name), OPEN_NEW, 0o600));
  }

  /** Unlinks a name that may be gone already. Throws what the system says otherwise. */
  unlink(name: string): void {
    try {
      this.#fs.unlinkSync(this.address(name));
    } catch (thrown) {
      if (errnoOf(thrown) !== "ENOENT") throw thrown;
    }
  }

  /** Makes durable which names are in the folder. Throws what the system says. */
  sync(): void {
    this.#fs.fsyncSync(this.dir.fd);
  }

  /** Whether the folder was made at all. */
  get isMade(): boolean {
    return this.#dir !== undefined;
  }

  /** Whether the folder still stands where it was made. Throws what the system says. */
  isAtItsPlace(): boolean {
    return this.#folder.isAt(this.#parent, this.name, this.#fs);
  }

  /** Removes the folder, which must be empty. Throws what the system says. */
  remove(): void {
    this.#folder.discard(this.#parent, this.name, this.#fs);
  }

  /** Lets go of the folder. */
  close(): void {
    this.#dir?.close();
    this.#dir = undefined;
  }

  #openOwn(): number | undefined {
    try {
      return this.#fs.openSync(this.#parent.address(this.name), OPEN_FOLDER);
    } catch (thrown) {
      const errno = errnoOf(thrown);
      // A link, a file, or gone since it was listed.
      if (errno === "ENOTDIR" || errno === "ELOOP" || errno === "ENOENT") return undefined;
      // Closed to us: one that we made is not.
      if (errno === "EACCES" && !this.#isOwnThere()) return undefined;
      throw thrown;
    }
  }

  #isOwnThere(): boolean {
    const address = this.#parent.address(this.name);
    const found = this.#fs.lstatSync(address, { bigint: true, throwIfNoEntry: false });
    return found?.isDirectory() === true && isOwn(found);
  }
}

/** Whether nobody but us can have made a folder, and nobody else can enter it. */
function isOwn({ mode, uid }: BigIntStats): boolean {
  return uid === BigInt(process.geteuid?.() ?? 0) && (mode & 0o7777n) === BigInt(MODE);
}
