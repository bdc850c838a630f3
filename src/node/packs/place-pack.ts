/**
 * Gives a written pack its name, and makes its index: durable, and never over another file.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import {
  DIGEST_BYTES,
  digestOfHeads,
  encodeTrailer,
  type HexDigest,
  indexName,
  ok,
  PACKS_FOLDER,
  packIdOf,
  packName,
  type RecordColumns,
  type Result,
} from "../../core/internal.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import { createFile, writeAll } from "../files/durable-file.ts";
import type { FileSystem } from "../files/file-system.ts";
import { attempt, errnoOf } from "../runtime/machine-reason.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import { encodeIndex, type IndexBytes } from "./pack-index.ts";

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
export interface PlacedPack {
  readonly id: HexDigest;
  readonly index: IndexBytes;
}

/**
 * Ends a pack, syncs it, and gives it and its index their names. The caller syncs the folder, before anything relies on the pack. Fails
 * with STORE_DAMAGED if the name is taken by anything but a regular file. Throws what the system says; then the partial pack stays.
 */
export function placePack(
  folder: AnchoredDir,
  { end, fd, mode, name, records }: PartialPack,
  fs: FileSystem,
): Result<PlacedPack, OperationFault> {
  const trailer = encodeTrailer({
    records: records.count,
    length: end,
    headsDigest: digestOfHeads(records, nodeCrypto),
  });
  writeAll(fd, trailer, end, fs);
  fs.fchmodSync(fd, mode);
  // [pack] Before it has its name: a pack with a name and a good trailer is believed to be whole.
  fs.fsyncSync(fd);
  const id = packIdOf(trailer, nodeCrypto);
  const fault = linkPack(folder, name, packName(id), fs);
  if (fault !== undefined) return fault;
  const index = encodeIndex(id, records);
  placeIndex(folder, id, index, mode, fs);
  return ok({ id, index });
}

/**
 * Gives a partial pack its name. A regular file that has it is a damaged pack, because the objects of a good one would not be packed
 * again. It keeps another name until `prune` has copied what it can from it.
 */
function linkPack(
  folder: AnchoredDir,
  partial: string,
  name: string,
  fs: FileSystem,
): OperationFault | undefined {
  const place = folder.address(name);
  try {
    fs.linkSync(folder.address(partial), place);
  } catch (thrown) {
    const errno = errnoOf(thrown) ?? "";
    if (["EPERM", "ENOTSUP", "EOPNOTSUPP", "EMLINK"].includes(errno))
      return moveWithoutLinks(folder, partial, name, fs);
    if (errno !== "EEXIST") throw thrown;
    if (!isRegular(folder, name, fs))
      return operationFault("STORE_DAMAGED", { reason: "object", path: `${PACKS_FOLDER}/${name}` });
    fs.linkSync(place, folder.address(damagedName(name)));
    fs.renameSync(folder.address(partial), place);
    return undefined;
  }
  fs.unlinkSync(folder.address(partial));
  return undefined;
}

/** On a file system without hard links. The lock is held, so the name stays free. */
function moveWithoutLinks(
  folder: AnchoredDir,
  partial: string,
  name: string,
  fs: FileSystem,
): OperationFault | undefined {
  if (folder.has(name)) {
    if (!isRegular(folder, name, fs))
      return operationFault("STORE_DAMAGED", { reason: "object", path: `${PACKS_FOLDER}/${name}` });
    fs.renameSync(folder.address(name), folder.address(damagedName(name)));
  }
  fs.renameSync(folder.address(partial), folder.address(name));
  return undefined;
}

function isRegular(folder: AnchoredDir, name: string, fs: FileSystem): boolean {
  return fs.lstatSync(folder.address(name), { throwIfNoEntry: false })?.isFile() === true;
}

const DAMAGED = /^[0-9a-f]{64}\.[0-9a-f]{16}\.damaged$/;

/** Whether a name is that of a damaged pack whose name another pack has now. */
export function isDamagedName(name: string): boolean {
  return DAMAGED.test(name);
}

function damagedName(name: string): string {
  return `${name.slice(0, DIGEST_BYTES * 2)}.${randomBytes(8).toString("hex")}.damaged`;
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
  const partial = folder.address(`.${randomBytes(8).toString("hex")}.partial`);
  // [pack-index] Else a power cut could leave an index of zeros, which every reader would have to rebuild.
  createFile(partial, index, mode, fs);
  if (!attempt(() => fs.renameSync(partial, folder.address(indexName(id))))) fs.unlinkSync(partial);
}
