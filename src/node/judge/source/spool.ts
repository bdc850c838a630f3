/**
 * A spool: bytes that pass only once, kept for a restore in a file without a name. When its process ends, in whatever way, the file
 * and its room on the disk are gone. What is in it is hashed again where it is used.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { writeAll, writeAllBeside } from "../../system/files/durable-file.ts";
import {
  type FileSystem,
  nodeFileSystem,
  O_TMPFILE,
  OPEN_NEW_TO_READ,
} from "../../system/files/file-system.ts";
import { errnoOf } from "../../system/runtime/machine-reason.ts";
import { isLinux } from "../../system/runtime/this-system.ts";

/** The system refused to keep bytes, in a spool, a store or an archive. `cause` is what it said, such as ENOSPC. */
export class SpoolFailure extends Error {
  override readonly name = "SpoolFailure";
}

/** Keeps bytes in a file system. The file is made when the first byte comes. */
export class Spool implements Disposable {
  readonly #folder: AnchoredDir;
  readonly #fs: FileSystem;
  #fd: number | undefined;
  #length = 0;

  /** @param folder a folder of the file system that is to keep the bytes; it stays the caller's. */
  constructor(folder: AnchoredDir, fs: FileSystem) {
    this.#folder = folder;
    this.#fs = fs;
  }

  /** The descriptor of the file, for `HeldRanges`. Throws a SpoolFailure where the file can't be made. */
  get fd(): number {
    this.#fd ??= orFail(() => openUnnamed(this.#folder, this.#fs));
    return this.#fd;
  }

  /** Sets a range behind all others aside, and gives where it begins. Its bytes may be written in any order. */
  reserve(bytes: number): number {
    const start = this.#length;
    this.#length += bytes;
    return start;
  }

  /** Writes bytes into a range that was set aside. Throws a SpoolFailure. */
  write(bytes: Uint8Array, position: number): void {
    const { fd } = this;
    orFail(() => writeAll(fd, bytes, position, this.#fs));
  }

  /**
   * The same in Node's thread pool, where the port is the system's. The caller must not change the bytes until it is done, and awaits
   * it before the spool is closed. Throws a SpoolFailure.
   */
  async writeBeside(bytes: Uint8Array, position: number): Promise<void> {
    if (this.#fs !== nodeFileSystem) return this.write(bytes, position);
    try {
      await writeAllBeside(this.fd, bytes, position);
    } catch (thrown) {
      throw asFailure(thrown);
    }
  }

  /** Closes the file, and so removes it. */
  [Symbol.dispose](): void {
    if (this.#fd !== undefined) this.#fs.closeSync(this.#fd);
    this.#fd = undefined;
  }
}

/** File systems without unnamed files: NFS, FUSE, FAT, overlay on older kernels. EISDIR: kernels before Linux 3.11. */
const NO_UNNAMED: readonly (string | undefined)[] = ["EINVAL", "EISDIR", "ENOENT", "ENOTSUP", "EOPNOTSUPP"];

function openUnnamed(folder: AnchoredDir, fs: FileSystem): number {
  try {
    // On other systems these bits mean something else.
    if (isLinux) return fs.openSync(folder.self, O_TMPFILE | constants.O_RDWR, 0o600);
  } catch (thrown) {
    if (!NO_UNNAMED.includes(errnoOf(thrown))) throw thrown;
  }
  // A kill between these two calls leaves an empty file.
  const address = folder.address(`.spectrum06_spool_${randomBytes(8).toString("hex")}`);
  const fd = fs.openSync(address, OPEN_NEW_TO_READ, 0o600);
  let isNameless = false;
  try {
    fs.unlinkSync(address);
    isNameless = true;
    return fd;
  } finally {
    if (!isNameless) fs.closeSync(fd);
  }
}

/** Acts, and throws a SpoolFailure for what the system says. */
export function orFail<Value>(act: () => Value): Value {
  try {
    return act();
  } catch (thrown) {
    throw asFailure(thrown);
  }
}

/** A SpoolFailure for what the system said. Leaves a bug as it is. */
export function asFailure(thrown: unknown): unknown {
  if (errnoOf(thrown) === undefined) return thrown;
  return new SpoolFailure("bytes can't be kept", { cause: thrown });
}
