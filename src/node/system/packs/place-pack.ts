/**
 * Gives a written pack its name, and makes its index: durable, and never over another pack.
 *
 * @module
 */

import {
  endOfPack,
  type HexDigest,
  indexName,
  ok,
  packName,
  packPath,
  type RecordColumns,
  type Result,
} from "../../../core/internal.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import { writeAll } from "../files/durable-file.ts";
import type { FileSystem } from "../files/file-system.ts";
import { makePartialName } from "../files/partial-name.ts";
import { createFile } from "../files/placed-file.ts";
import { attempt } from "../runtime/machine-reason.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import { openPack, type PackFile } from "./pack-file.ts";
import { encodeIndex, type IndexBytes } from "./shared-pack-index.ts";

/** A pack that lacks only its trailer and its name. */
export interface PartialPack {
  /** Its file name, and the same open for writing. */
  readonly name: string;
  readonly fd: number;
  /** Where its trailer begins. */
  readonly end: number;
  /** One of `PACK_MODES`. */
  readonly mode: number;
  readonly records: RecordColumns;
}

/** A pack in its place. */
export interface PlacedPack extends PackFile {
  readonly index: IndexBytes;
}

/**
 * Ends a pack, syncs it, and gives it and its index their names. The caller syncs the folder, before anything relies on the pack. A file
 * that has the name is replaced: it is damaged, or holds the same objects. Fails with STORE_DAMAGED if another pack has it, or anything
 * but a regular file. Throws what the system says; then the partial pack stays.
 */
export function placePack(
  folder: AnchoredDir,
  { end, fd, mode, name, records }: PartialPack,
  fs: FileSystem,
): Result<PlacedPack, OperationFault> {
  const { id, trailer } = endOfPack(records, nodeCrypto);
  writeAll(fd, trailer, end, fs);
  fs.fchmodSync(fd, mode);
  // [pack] Before it has its name: a pack with a name and a good trailer is believed to be whole.
  fs.fsyncSync(fd);
  const place = folder.address(packName(id));
  const there = openPack(folder, id, fs);
  if (typeof there !== "string") fs.closeSync(there.fd);
  // Another pack may be the only one that has its objects.
  if (there === "not-a-file" || there === "misnamed")
    return operationFault("STORE_DAMAGED", { reason: "object", path: packPath(id) });
  fs.renameSync(folder.address(name), place);
  const index = encodeIndex(id, records);
  placeIndex(folder, id, index, mode, fs);
  return ok({ id, index, records: records.count, stats: fs.fstatSync(fd, { bigint: true }) });
}

/**
 * Writes the index of a pack, over an older one: it is a cache. A folder in its place stays, and readers go without an index. Throws
 * what the system says.
 */
export function placeIndex(
  folder: AnchoredDir,
  id: HexDigest,
  index: IndexBytes,
  mode: number,
  fs: FileSystem,
): void {
  const partial = folder.address(makePartialName());
  // [pack-index] Else a power cut could leave an index of zeros, which every reader would have to rebuild.
  createFile(partial, index, mode, fs);
  if (!attempt(() => fs.renameSync(partial, folder.address(indexName(id))))) fs.unlinkSync(partial);
}
