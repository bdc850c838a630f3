/**
 * Editing one file that other commands edit too: read, stage the new bytes, put them in the file's place in one
 * step. The lock of the file is held from the read to the end, so that no update is lost.
 *
 * @module
 */

import { constants, lstatSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ok, type Result } from "../../../core/internal.ts";
import { AnchoredDir } from "../files/anchored-dir.ts";
import { nodeFileSystem as fs, OPEN_SOURCE } from "../files/file-system.ts";
import { NO_LINKS } from "../files/placed-file.ts";
import { readUpTo } from "../files/read-source.ts";
import { attempt, errnoOf, machineReason } from "../runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import { acquireEditLock, lockNameOf } from "./edit-lock.ts";
import {
  discardStaged,
  type StagedAttributes,
  type StagedKind,
  stageBytes,
  stagedName,
} from "./staged-bytes.ts";
import type { FolderLock } from "./wanted-lock.ts";

/** The errors of fsync(2) where folders are not synced. */
const NO_FOLDER_SYNC = ["EINVAL", "ENOTSUP", "EOPNOTSUPP", "EBADF", "EACCES", "EPERM", "EISDIR"];

/** What tells one version of a file from another: device, inode, mode, size and times. */
export type FileVersion = string & { readonly fileVersion: unique symbol };

/** The version of what has a path, by lstat; `undefined` if nothing has it. Throws what the system says. */
export function versionOf(path: string): FileVersion | undefined {
  const stats = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const { ctimeNs, dev, ino, mode, mtimeNs, size } = stats;
  return [dev, ino, mode, size, mtimeNs, ctimeNs].join(" ") as FileVersion;
}

/** What stands in the place of the file when the edit begins. */
export type FoundFile =
  | { readonly kind: "missing" }
  /** A link, a folder, a FIFO, a device. */
  | { readonly kind: "not-a-file" }
  | { readonly kind: "too-large" }
  | {
      readonly kind: "file";
      readonly bytes: Uint8Array;
      /** The permission bits. */
      readonly mode: number;
      readonly owner: { readonly uid: number; readonly gid: number };
    };

/** An edit of one file, from the lock to the end. The caller closes it. */
export class FileEdit implements Disposable {
  /** The folder of the file, held open. */
  readonly folder: AnchoredDir;
  readonly #name: string;
  readonly #shown: string;
  readonly #lock: FolderLock;
  #seen: FileVersion | undefined;

  private constructor(folder: AnchoredDir, name: string, shown: string, lock: FolderLock) {
    this.folder = folder;
    this.#name = name;
    this.#shown = shown;
    this.#lock = lock;
  }

  /**
   * Waits for the lock of a file and takes it. The file's folder must be there; the file need not. `shown` is what a
   * fault calls the file. Fails with LOCKED. Throws what the system says, and an Interruption once the signal
   * has fired.
   */
  static async open(
    path: string,
    shown: string,
    signal?: AbortSignal,
  ): Promise<Result<FileEdit, OperationFault>> {
    const name = basename(path);
    const folder = AnchoredDir.open(dirname(path));
    let edit: FileEdit | undefined;
    try {
      const lock = await acquireEditLock(folder, name, signal);
      if (lock === "occupied") return operationFault("LOCKED", { reason: "file", path: lockShown(shown) });
      edit = new FileEdit(folder, name, shown, lock);
      return ok(edit);
    } finally {
      if (edit === undefined) folder.close();
    }
  }

  /**
   * Removes what a killed edit of a file left beside it, for a command that edits nothing or has to look at the file
   * before it takes the lock. Leaves it alone if that is impossible. Throws an Interruption once the signal has fired.
   */
  static async sweep(path: string, signal?: AbortSignal): Promise<void> {
    const lock = join(dirname(path), lockNameOf(basename(path)));
    try {
      if (lstatSync(lock, { throwIfNoEntry: false }) === undefined) return;
      const opened = await FileEdit.open(path, path, signal);
      if (opened.ok) opened.value.close();
    } catch (thrown) {
      if (machineReason(thrown) === undefined) throw thrown;
    }
  }

  /** Reads the file, without following a link, no more of it than `limit` bytes. Throws what the system says. */
  read(limit: number): FoundFile {
    this.#seen = this.#identity();
    if (this.#seen === undefined) return { kind: "missing" };
    let fd: number;
    try {
      fd = fs.openSync(this.#address, OPEN_SOURCE);
    } catch (thrown) {
      // A link, or a socket.
      if (["ELOOP", "ENXIO"].includes(errnoOf(thrown) ?? "")) return { kind: "not-a-file" };
      throw thrown;
    }
    try {
      const stats = fs.fstatSync(fd);
      if (!stats.isFile()) return { kind: "not-a-file" };
      if (stats.size > limit) return { kind: "too-large" };
      const { gid, mode, uid } = stats;
      const bytes = readUpTo(fd, stats.size, fs);
      return { kind: "file", bytes, mode: mode & 0o7777, owner: { uid, gid } };
    } finally {
      fs.closeSync(fd);
    }
  }

  /** Writes the new bytes beside the file and syncs them. Throws what the system says. */
  stage(bytes: Uint8Array, attributes: StagedAttributes): void {
    stageBytes(this.#staged("new"), bytes, attributes);
  }

  /**
   * Puts the staged bytes in the file's place. `false`, and nothing is replaced, if a program that does not know the
   * lock has changed the file since `read`. Throws what the system says.
   */
  place(): boolean {
    if (this.#identity() !== this.#seen) return false;
    fs.renameSync(this.#staged("new"), this.#address);
    return true;
  }

  /**
   * The same, only where no file is: link(2) decides, so that a file that comes in this moment stays. Throws what the
   * system says, EEXIST if something has the name.
   */
  placeNew(): void {
    const staged = this.#staged("new");
    try {
      fs.linkSync(staged, this.#address);
    } catch (thrown) {
      if (!NO_LINKS.includes(errnoOf(thrown))) throw thrown;
      // Without hard links the look beforehand has to do: commands that know the lock can't come between.
      if (!this.place()) throw thrown;
    }
    // The staged name is only a second name of the file by now. `close` removes it.
  }

  /**
   * Puts the staged bytes in the file's place, durably: with `placeNew` if no file may be replaced, else with `place`. Fails
   * with CHANGED_WHILE_READ, or with IN_DOUBT if the bytes are in place and the disk does not confirm it. Throws what
   * the system says.
   */
  commit(isNew: boolean): Result<undefined, OperationFault> {
    const path = this.#shown;
    if (isNew) this.placeNew();
    else if (!this.place()) return operationFault("CHANGED_WHILE_READ", { path });
    return this.sync() ? ok(undefined) : operationFault("IN_DOUBT", { path });
  }

  /** Stages another file of the folder that belongs to this one, as a key's public half. Throws what the system says. */
  stageCompanion(bytes: Uint8Array, attributes: StagedAttributes): void {
    stageBytes(this.#staged("companion"), bytes, attributes);
  }

  /** Puts the staged companion in its place, whatever was there. Throws what the system says. */
  placeCompanion(name: string): void {
    fs.renameSync(this.#staged("companion"), this.folder.address(name));
  }

  /** Whether something has the file's name, by lstat. `place` compares with what is found here, as with `read`. */
  isThere(): boolean {
    this.#seen = this.#identity();
    return this.#seen !== undefined;
  }

  /** Lets `place` compare with a version that was seen before the lock was taken. Gives whether it is still there. */
  expect(version: FileVersion | undefined): boolean {
    this.#seen = version;
    return version === this.#identity();
  }

  /** Throws EACCES if the file's mode forbids this user to write it: a read-only file is not replaced either. */
  checkWritable(): void {
    fs.accessSync(this.#address, constants.W_OK);
  }

  /** Takes a companion's name away until `bringBack`. Gives whether it was there. Throws what the system says. */
  setAside(name: string): boolean {
    if (!this.folder.has(name)) return false;
    fs.renameSync(this.folder.address(name), this.#staged("old-companion"));
    return true;
  }

  /** Undoes `setAside`. Throws what the system says. */
  bringBack(name: string): void {
    fs.renameSync(this.#staged("old-companion"), this.folder.address(name));
  }

  /** Makes new names durable. Gives whether the disk confirmed it, or is one on which folders are not synced. */
  sync(): boolean {
    try {
      fs.fsyncSync(this.folder.fd);
      return true;
    } catch (thrown) {
      if (machineReason(thrown) === undefined) throw thrown;
      return NO_FOLDER_SYNC.includes(errnoOf(thrown) ?? "");
    }
  }

  /** Removes what was staged and not placed, and gives the lock back. Throws what the system says. */
  close(): void {
    const { dir, id } = this.#lock;
    try {
      // What stays is removed by the next lock holder.
      attempt(() => discardStaged(dir, id));
      this.#lock.release();
    } finally {
      this.folder.close();
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** The address of staged bytes of a kind. */
  #staged(kind: StagedKind): string {
    return this.#lock.dir.address(stagedName(this.#lock.id, kind));
  }

  get #address(): string {
    return this.folder.address(this.#name);
  }

  #identity(): FileVersion | undefined {
    return versionOf(this.#address);
  }
}

/** The path of a file's lock, beside the file as the caller named it. */
function lockShown(shown: string): string {
  const end = shown.lastIndexOf("/") + 1;
  return shown.slice(0, end) + lockNameOf(shown.slice(end));
}
