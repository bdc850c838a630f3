/**
 * The packs of a store as they were listed: their ids, and their indexes in memory that all threads share. Reading writes nothing: an
 * index that is missing or wrong is rebuilt in memory.
 *
 * @module
 */

import {
  ColumnsBuilder,
  DIGEST_AT,
  type HexDigest,
  indexBytes,
  indexName,
  isIndexOf,
  packIdIn,
  packName,
} from "../../core/internal.ts";
import { AnchoredDir } from "../files/anchored-dir.ts";
import type { FileSystem } from "../files/file-system.ts";
import { openPlainFile } from "../files/read-source.ts";
import { machineReason } from "../runtime/machine-reason.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import { type FolderState, isOtherState, stateOfFolder } from "./folder-state.ts";
import { fillAt, type OpenPack, openPack, type PackProblem, scanRecords } from "./pack-file.ts";
import { encodeIndex, type IndexBytes } from "./pack-index.ts";

/** One pack. */
export interface ListedPack {
  readonly id: HexDigest;
  readonly index: IndexBytes;
  /** The states of the pack and of its index file when the index was loaded; undefined if it was made from the record heads. */
  readonly state?: string | undefined;
}

/** A damaged file that has a pack's name. */
export interface DamagedPack {
  /** Its file name. */
  readonly name: string;
  readonly problem: PackProblem;
}

/** A folder of packs, for any thread. The caller holds it open. */
export interface PackFolder {
  readonly fd: number;
  /** Its real path: used only on systems where a folder can't be entered by its descriptor. */
  readonly path: string;
}

/** The packs of a store. Plain data, which can be sent to a thread. */
export interface PackCatalog {
  readonly folder: PackFolder;
  readonly packs: readonly ListedPack[];
  readonly damaged: readonly DamagedPack[];
  /** Whether the system refused to read a pack: an object that is in none of the others may be in that one. */
  readonly hasUnreadable: boolean;
  /** The folder before it was listed: another state means other packs. */
  readonly state: FolderState;
}

/** What a reader needs of a catalog. */
export type ReadablePacks = Pick<PackCatalog, "folder" | "packs" | "hasUnreadable">;

/** Most bytes of indexes that are loaded: those of eleven million objects. Packs beyond count as unreadable. */
export const MAX_INDEX_BYTES: number = 512 * 1024 * 1024;

/** A folder of packs as this thread addresses it. It is not this thread's to close. */
export function enterPacks({ fd, path }: PackFolder, fs: FileSystem): AnchoredDir {
  return new AnchoredDir(fd, path, fs);
}

/** The last catalog of this thread: a long chain lists the same packs again and again. Held weakly: its indexes may have 512 MiB. */
let last: WeakRef<PackCatalog> | undefined;

/**
 * Lists the packs of a folder. Indexes that did not change since the last listing are not loaded again. Throws what the system says of
 * the folder.
 */
export function listPacks(held: PackFolder, fs: FileSystem): PackCatalog {
  const folder = enterPacks(held, fs);
  const state = stateOfFolder(held.fd, fs);
  const packs: ListedPack[] = [];
  const damaged: DamagedPack[] = [];
  let hasUnreadable = false;
  let loaded = 0;
  const ids = fs.readdirSync(folder.self).flatMap((name) => packIdIn(name) ?? []);
  for (const id of ids.sort()) {
    const pack = loadPack(folder, id, { room: MAX_INDEX_BYTES - loaded, damaged }, fs);
    hasUnreadable ||= pack.isUnreadable;
    if (pack.index === undefined) continue;
    packs.push({ id, index: pack.index, state: pack.state });
    loaded += pack.index.length;
  }
  const listed = { folder: held, packs, damaged, hasUnreadable, state };
  last = new WeakRef(listed);
  return listed;
}

/** Whether packs may have been added to the folder or removed from it since it was listed. Throws what the system says. */
export function hasChanged({ folder, state }: PackCatalog, fs: FileSystem): boolean {
  return isOtherState(state, stateOfFolder(folder.fd, fs));
}

interface Loading {
  /** Most bytes of the index. */
  readonly room: number;
  readonly damaged: DamagedPack[];
}

interface LoadedPack {
  /** Undefined if there is no good pack. */
  readonly index: IndexBytes | undefined;
  readonly state?: string | undefined;
  readonly isUnreadable: boolean;
}

const NO_PACK: LoadedPack = { index: undefined, isUnreadable: false };
const UNREADABLE: LoadedPack = { index: undefined, isUnreadable: true };

function loadPack(
  folder: AnchoredDir,
  id: HexDigest,
  { damaged, room }: Loading,
  fs: FileSystem,
): LoadedPack {
  try {
    const pack = openPack(folder, id, fs);
    // A collection may have removed it since it was listed.
    if (pack === "missing") return NO_PACK;
    if (typeof pack === "string") {
      damaged.push({ name: packName(id), problem: pack });
      return NO_PACK;
    }
    try {
      if (indexBytes(pack.trailer.records) > room) return UNREADABLE;
      const state = stateOfPack(folder, pack, fs);
      const known = last?.deref()?.packs.find((listed) => packName(listed.id) === packName(id));
      const isKnown = state !== undefined && known?.state === state;
      const index = isKnown ? known.index : readIndex(folder, pack, fs);
      if (index !== undefined) return { index, state, isUnreadable: false };
      const rebuilt = rebuildIndex(pack, fs);
      if (rebuilt.problem !== undefined) damaged.push({ name: packName(id), problem: rebuilt.problem });
      return { index: rebuilt.index, isUnreadable: false };
    } finally {
      fs.closeSync(pack.fd);
    }
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return UNREADABLE;
  }
}

/** What changes when a pack or its index file does; `undefined` without an index file. Throws what the system says. */
function stateOfPack(folder: AnchoredDir, { before, id }: OpenPack, fs: FileSystem): string | undefined {
  const index = fs.lstatSync(folder.address(indexName(id)), { bigint: true, throwIfNoEntry: false });
  if (index === undefined) return undefined;
  return [before, index]
    .flatMap(({ ctimeNs, dev, ino, mtimeNs, size }) => [dev, ino, size, mtimeNs, ctimeNs])
    .join();
}

/** The index file of a pack; `undefined` if it is missing, can't be read, or is not that pack's index. */
export function readIndex(
  folder: AnchoredDir,
  { id, trailer }: OpenPack,
  fs: FileSystem,
): IndexBytes | undefined {
  let fd: number | undefined;
  try {
    const source = openPlainFile(folder, indexName(id), fs);
    if (typeof source === "string") return undefined;
    fd = source.fd;
    const size = indexBytes(trailer.records);
    if (source.before.size !== BigInt(size)) return undefined;
    const shared = new Uint8Array(new SharedArrayBuffer(size));
    const isWhole = fillAt(fd, 0, Buffer.from(shared.buffer), fs) === size;
    return isWhole && isIndexOf(shared, id, trailer.records, nodeCrypto) ? shared : undefined;
  } catch (thrown) {
    // Only a cache: the pack can be read without it.
    if (machineReason(thrown) === undefined) throw thrown;
    return undefined;
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

/** An index that was made from the record heads; of a damaged pack, from those before the first bad one. */
export interface RebuiltIndex {
  readonly index: IndexBytes;
  readonly problem: PackProblem | undefined;
}

/** Makes the index of an open pack from its record heads. Throws what the system says. */
export function rebuildIndex({ fd, id, trailer }: OpenPack, fs: FileSystem): RebuiltIndex {
  const columns = new ColumnsBuilder();
  const scan = scanRecords({ fd, end: trailer.length, trailer, isHeadsOnly: true }, fs);
  for (;;) {
    const step = scan.next();
    if (step.done === true) return { index: encodeIndex(id, columns.columns()), problem: step.value };
    const { bytes, offset } = step.value;
    columns.add(offset, step.value.size, bytes, DIGEST_AT);
  }
}
