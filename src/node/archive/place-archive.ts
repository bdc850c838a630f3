/**
 * An archive in a file: written under another name, synced, and given its name in one step, never over anything.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { lstatSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Result } from "../../core/internal.ts";
import { syncFolderOf, writeAll } from "../files/durable-file.ts";
import { nodeFileSystem as fs, OPEN_NEW } from "../files/file-system.ts";
import { attempt, errnoOf, reasonOf, refusalOf, unlessRefused } from "../runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import type { TakePiece } from "./sealed-bytes.ts";

/** The mode of an archive, before the umask. */
const ARCHIVE_MODE = 0o666;

/** Errors of link(2) on file systems without hard links. */
const NO_LINKS: readonly (string | undefined)[] = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "EMLINK", "ENOSYS"];

/** The fault of a name that is taken, or whose folder is missing, so that nothing has to be read for it; undefined if it is free. */
export function refuseTaken(path: string): OperationFault | undefined {
  const reason = refusalOf(() => void statSync(dirname(path)));
  if (reason !== undefined) return operationFault("WRITE_FAILED", { path, reason });
  const found = unlessRefused(() => lstatSync(path, { throwIfNoEntry: false }));
  return found === undefined ? undefined : operationFault("FILE_EXISTS", { reason: "archive", path });
}

/** Thrown through the writer of an archive: the system refused to write its file. */
class FileRefused extends Error {
  override readonly name = "FileRefused";
}

/**
 * Writes a file with what `write` gives to its taker, and gives it its name if that succeeds. Fails as `write` does, with
 * FILE_EXISTS or WRITE_FAILED; then no file is left. Throws what `write` throws.
 */
export async function writeFile<Value>(
  path: string,
  write: (take: TakePiece) => Promise<Result<Value, OperationFault>>,
): Promise<Result<Value, OperationFault>> {
  try {
    using file = new PartialFile(path);
    const written = await write((piece) => file.add(piece));
    return written.ok ? (file.place() ?? written) : written;
  } catch (thrown) {
    if (!(thrown instanceof FileRefused)) throw thrown;
    return operationFault("WRITE_FAILED", { path, reason: reasonOf(thrown.cause) });
  }
}

/** A file that is being written. What is not placed is removed in the end. */
class PartialFile implements Disposable {
  readonly #path: string;
  readonly #partial: string;
  readonly #fd: number;
  #bytes = 0;
  #isNamed = false;

  /** Throws a FileRefused. */
  constructor(path: string) {
    this.#path = path;
    // A short name of its own: that of the archive may leave no room for more.
    this.#partial = join(dirname(path), `.${randomBytes(8).toString("hex")}.partial`);
    this.#fd = orRefused(() => fs.openSync(this.#partial, OPEN_NEW, ARCHIVE_MODE));
  }

  add(piece: Uint8Array): Promise<void> {
    orRefused(() => writeAll(this.#fd, piece, this.#bytes, fs));
    this.#bytes += piece.length;
    return Promise.resolve();
  }

  /** Gives it its name, durably. Fails with FILE_EXISTS. Throws a FileRefused. */
  place(): OperationFault | undefined {
    orRefused(() => fs.fsyncSync(this.#fd));
    try {
      this.#link();
    } catch (thrown) {
      if (errnoOf(thrown) === "EEXIST")
        return operationFault("FILE_EXISTS", { reason: "archive", path: this.#path });
      throw new FileRefused("the archive can't be given its name", { cause: thrown });
    }
    syncFolderOf(this.#path);
    return undefined;
  }

  #link(): void {
    try {
      fs.linkSync(this.#partial, this.#path);
    } catch (thrown) {
      const isTaken = fs.lstatSync(this.#path, { throwIfNoEntry: false }) !== undefined;
      if (!NO_LINKS.includes(errnoOf(thrown)) || isTaken) throw thrown;
      // Without hard links, a name that appears between these two calls is replaced.
      fs.renameSync(this.#partial, this.#path);
      this.#isNamed = true;
    }
  }

  [Symbol.dispose](): void {
    attempt(() => fs.closeSync(this.#fd));
    if (!this.#isNamed) attempt(() => fs.unlinkSync(this.#partial));
  }
}

function orRefused<Value>(act: () => Value): Value {
  try {
    return act();
  } catch (thrown) {
    throw new FileRefused("the file of the archive can't be written", { cause: thrown });
  }
}
