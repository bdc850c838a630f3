/**
 * A new file that gets its bytes first and its name last: written under a name of its own, synced, then linked or renamed. A reader never
 * sees half of it, and a kill leaves nothing under the name. `createFile` is for a name that has no reader yet.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { fsync } from "node:fs";
import { promisify } from "node:util";
import type { MachineReason } from "../../../core/internal.ts";
import { attempt, errnoOf, refusalOf } from "../runtime/machine-reason.ts";
import type { AnchoredDir } from "./anchored-dir.ts";
import { syncFolderOf, writeAll, writeAllBeside } from "./durable-file.ts";
import { type FileSystem, nodeFileSystem, OPEN_NEW_TO_READ } from "./file-system.ts";

const syncAsync = promisify(fsync);

/** Errors of link(2) on file systems without hard links. */
export const NO_LINKS: readonly (string | undefined)[] = [
  "EPERM",
  "ENOTSUP",
  "EOPNOTSUPP",
  "EMLINK",
  "ENOSYS",
  "EXDEV",
];

/** The file. All methods throw what the system says. Without a rename, and without `keep`, it is removed in the end. */
export class PlacedFile implements Disposable {
  readonly fd: number;
  readonly #address: string;
  readonly #fs: FileSystem;
  #length = 0;
  #isOpen = true;
  #isKept = false;
  #working: Promise<void> = Promise.resolve();

  /** Makes it at an address that must be free, by `open` if given. `mode` is before the umask. */
  constructor(address: string, fs: FileSystem = nodeFileSystem, mode = 0o600, open?: () => number) {
    this.#address = address;
    this.#fs = fs;
    this.fd = open?.() ?? fs.openSync(address, OPEN_NEW_TO_READ, mode);
  }

  /** Makes it in a folder that may be reached by its path. */
  static in(dir: AnchoredDir, name: string, fs: FileSystem): PlacedFile {
    const open = (): number => dir.open(name, OPEN_NEW_TO_READ, 0o600);
    return new PlacedFile(dir.address(name), fs, 0o600, open);
  }

  /** Appends bytes. */
  add(bytes: Uint8Array): void {
    writeAll(this.fd, bytes, this.#length, this.#fs);
    this.#length += bytes.length;
  }

  /** The same in Node's thread pool. The caller must not change the bytes until it is done. */
  async addBeside(bytes: Uint8Array): Promise<void> {
    this.#working = writeAllBeside(this.fd, bytes, this.#length);
    await this.#working;
    this.#length += bytes.length;
  }

  /** Sets the mode exactly, whatever the umask, and makes the bytes durable. */
  sync(mode?: number): void {
    if (mode !== undefined) this.#fs.fchmodSync(this.fd, mode);
    this.#fs.fsyncSync(this.fd);
  }

  /** The same in Node's thread pool: gigabytes take the disk seconds. */
  async syncBeside(mode: number): Promise<void> {
    this.#fs.fchmodSync(this.fd, mode);
    this.#working = syncAsync(this.fd);
    await this.#working;
  }

  /** Gives it a name, in the place of what has it. */
  rename(address: string): void {
    this.close();
    this.#fs.renameSync(this.#address, address);
    this.#isKept = true;
  }

  /** Gives it a name that must be free: EEXIST otherwise. Without hard links, a kill may leave an empty file of that name. */
  link(address: string): void {
    try {
      this.#fs.linkSync(this.#address, address);
    } catch (thrown) {
      if (!NO_LINKS.includes(errnoOf(thrown))) throw thrown;
      // Takes the name: a rename alone would replace what has it by now.
      this.#fs.closeSync(this.#fs.openSync(address, OPEN_NEW_TO_READ, 0o600));
      let isDone = false;
      try {
        this.rename(address);
        isDone = true;
      } finally {
        if (!isDone) attempt(() => this.#fs.unlinkSync(address));
      }
    }
  }

  /** Leaves it under its own name. */
  keep(): void {
    this.#isKept = true;
  }

  /** Closes it, once. */
  close(): void {
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    if (wasOpen) this.#fs.closeSync(this.fd);
  }

  /** Removes it after its last write has ended: its descriptor may be another file's by the next moment. */
  async abandon(): Promise<void> {
    await this.#working.catch(() => undefined);
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    attempt(() => this.close());
    if (!this.#isKept) attempt(() => this.#fs.unlinkSync(this.#address));
    this.#isKept = true;
  }
}

/**
 * Creates a file that must not exist yet, writes it and syncs it. `mode` is set exactly, independent of the
 * umask. Throws what the system says, such as EEXIST; a file that could not be finished is removed.
 */
export function createFile(
  address: string,
  bytes: Uint8Array,
  mode: number,
  fs: FileSystem = nodeFileSystem,
): void {
  using file = new PlacedFile(address, fs);
  file.add(bytes);
  file.sync(mode);
  file.close();
  file.keep();
}

/**
 * Writes and syncs the file beside the older one, then renames. For a file that has one writer at a time; see
 * `file-edit.ts` for the others. Throws what the system says; the old file stays then.
 */
export function replaceFile(path: string, bytes: Uint8Array, mode: number): void {
  writeBeside(path, bytes, mode, (file) => file.rename(path));
}

/** Writes a file whose name must be free. Gives why that failed, `already-there` if the name is in use; no part of the file is there then. */
export function placeNewFile(path: string, bytes: Uint8Array): MachineReason | undefined {
  return refusalOf(() => writeBeside(path, bytes, FOR_ALL, (file) => file.link(path)));
}

/** Writes a file for every reader, over an older one of this user. Gives why that failed, as `refuseOthersName` does; what was there stays then. */
export function placeOrReplace(path: string, bytes: Uint8Array): MachineReason | undefined {
  const refused = refuseOthersName(path);
  if (refused !== undefined) return refused;
  return holderOf(path) === "none"
    ? placeNewFile(path, bytes)
    : refusalOf(() => replaceFile(path, bytes, FOR_ALL));
}

/** Why a file can't be written here: `already-there` if what has the name may not be replaced, else what the system says. */
export function refuseOthersName(path: string): MachineReason | undefined {
  let isOthers = false;
  const reason = refusalOf(() => {
    isOthers = holderOf(path) === "other";
  });
  return reason ?? (isOthers ? "already-there" : undefined);
}

/** Removes an older file of this user, if there is one. Gives why that failed. */
export function removeOwnFile(path: string): MachineReason | undefined {
  return refusalOf(() => {
    if (holderOf(path) === "own") nodeFileSystem.unlinkSync(path);
  });
}

/** The mode of what is for every reader. */
const FOR_ALL = 0o644;

function writeBeside(path: string, bytes: Uint8Array, mode: number, place: (file: PlacedFile) => void): void {
  using file = new PlacedFile(`${path}.${randomBytes(8).toString("hex")}.new`);
  file.add(bytes);
  file.sync(mode);
  file.close();
  place(file);
  // Before the sync: a power cut could keep the second name.
  file[Symbol.dispose]();
  syncFolderOf(path);
}

/** What has a name: `none`, a regular file of this user, or something else: a link, a folder, a device, a file of another user. */
function holderOf(path: string): "none" | "own" | "other" {
  const found = nodeFileSystem.lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return "none";
  const user = process.geteuid?.();
  return found.isFile() && (user === undefined || found.uid === user) ? "own" : "other";
}
