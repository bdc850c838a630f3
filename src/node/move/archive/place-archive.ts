/**
 * An archive in a file: written under another name, synced, and given its name in one step, never over anything.
 *
 * @module
 */

import { lstatSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Result } from "../../../core/internal.ts";
import { asFailure, orFail, SpoolFailure } from "../../judge/source/spool.ts";
import { syncFolderOf } from "../../system/files/durable-file.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { makePartialName } from "../../system/files/partial-name.ts";
import { PlacedFile } from "../../system/files/placed-file.ts";
import { errnoOf, reasonOf, refusalOf, unlessRefused } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { TakePiece } from "./sealed-bytes.ts";

/** The mode of an archive, before the umask. */
const ARCHIVE_MODE = 0o666;

/** The fault of a name that is taken, or whose folder is missing, so that nothing has to be read for it; undefined if it is free. */
export function refuseTaken(path: string): OperationFault | undefined {
  const reason = refusalOf(() => void statSync(dirname(path)));
  if (reason !== undefined) return operationFault("WRITE_FAILED", { path, reason });
  const found = unlessRefused(() => lstatSync(path, { throwIfNoEntry: false }));
  return found === undefined ? undefined : operationFault("FILE_EXISTS", { reason: "archive", path });
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
    // A short name of its own: that of the archive may leave no room for more.
    const partial = join(dirname(path), makePartialName());
    using file = orFail(() => new PlacedFile(partial, fs, ARCHIVE_MODE));
    const written = await write((piece) => Promise.resolve(orFail(() => file.add(piece))));
    return written.ok ? (place(file, path) ?? written) : written;
  } catch (thrown) {
    if (!(thrown instanceof SpoolFailure)) throw thrown;
    return operationFault("WRITE_FAILED", { path, reason: reasonOf(thrown.cause) });
  }
}

/** Gives a file its name, durably. Fails with FILE_EXISTS. Throws a SpoolFailure. */
function place(file: PlacedFile, path: string): OperationFault | undefined {
  orFail(() => file.sync());
  try {
    file.link(path);
  } catch (thrown) {
    if (errnoOf(thrown) === "EEXIST") return operationFault("FILE_EXISTS", { reason: "archive", path });
    throw asFailure(thrown);
  }
  syncFolderOf(path);
  return undefined;
}
