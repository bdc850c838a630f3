/**
 * The packs of a store as they were listed: their ids, and their indexes in memory that all threads share. Reading writes nothing: an
 * index that is missing or wrong is rebuilt in memory.
 *
 * @module
 */

import type { HexDigest } from "../../core/internal.ts";
import { AnchoredDir } from "../files/anchored-dir.ts";
import type { FileSystem } from "../files/file-system.ts";
import { openPlainFile } from "../files/read-source.ts";
import { machineReason } from "../runtime/machine-reason.ts";
import {
  DIGEST_AT,
  fillAt,
  indexName,
  type OpenPack,
  openPack,
  type PackProblem,
  packIdIn,
  packName,
  scanRecords,
} from "./pack-file.ts";
import { encodeIndex, type IndexBytes, indexBytes, isIndexOf } from "./pack-index.ts";
import { ColumnsBuilder } from "./record-columns.ts";

/** One pack. */
export interface ListedPack {
  readonly id: HexDigest;
  readonly index: IndexBytes;
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

/** Which folder it is, and when names in it were changed last. */
interface FolderState {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly ctimeNs: bigint;
  /** When it was looked at, in milliseconds since 1970. */
  readonly seenMs: number;
}

/** Two changes within so many milliseconds may have the same ctime: the kernel's clock for it ticks some hundred times a second. */
const TICK_MS = 50;

/** Most bytes of indexes that are loaded: those of eleven million objects. Packs beyond count as unreadable. */
export const MAX_INDEX_BYTES: number = 512 * 1024 * 1024;

/** A folder of packs as this thread addresses it. It is not this thread's to close. */
export function enterPacks({ fd, path }: PackFolder, fs: FileSystem): AnchoredDir {
  return new AnchoredDir(fd, path, fs);
}

/** The last catalog of this thread: a long chain opens the same store again and again. Held weakly: it may have 512 MiB. */
let last: WeakRef<PackCatalog> | undefined;

/** Lists the packs of a folder, unless they were listed and have not changed since. Throws what the system says of the folder. */
export function listPacks(held: PackFolder, fs: FileSystem): PackCatalog {
  const state = stateOf(held.fd, fs);
  const known = last?.deref();
  if (known !== undefined && !isOther(known.state, state)) return { ...known, folder: held };
  const listed = listAnew(held, state, fs);
  last = new WeakRef(listed);
  return listed;
}

function listAnew(held: PackFolder, state: FolderState, fs: FileSystem): PackCatalog {
  const folder = enterPacks(held, fs);
  const packs: ListedPack[] = [];
  const damaged: DamagedPack[] = [];
  let hasUnreadable = false;
  let loaded = 0;
  const ids = fs.readdirSync(folder.self).flatMap((name) => packIdIn(name) ?? []);
  for (const id of ids.sort()) {
    const { index, isUnreadable } = loadPack(folder, id, { room: MAX_INDEX_BYTES - loaded, damaged }, fs);
    hasUnreadable ||= isUnreadable;
    if (index === undefined) continue;
    packs.push({ id, index });
    loaded += index.length;
  }
  return { folder: held, packs, damaged, hasUnreadable, state };
}

/** Whether packs may have been added to the folder or removed from it since it was listed. Throws what the system says. */
export function hasChanged({ folder, state }: PackCatalog, fs: FileSystem): boolean {
  return isOther(state, stateOf(folder.fd, fs));
}

function stateOf(fd: number, fs: FileSystem): FolderState {
  const seenMs = Date.now();
  const { ctimeNs, dev, ino } = fs.fstatSync(fd, { bigint: true });
  return { dev, ino, ctimeNs, seenMs };
}

/** A folder that had just been changed when it was seen may have been changed again with the same ctime. */
function isOther(before: FolderState, now: FolderState): boolean {
  if (before.dev !== now.dev || before.ino !== now.ino || before.ctimeNs !== now.ctimeNs) return true;
  const wasFresh = before.ctimeNs / 1_000_000n > BigInt(before.seenMs - TICK_MS);
  return wasFresh && now.seenMs - before.seenMs > TICK_MS;
}

interface Loading {
  /** Most bytes of the index. */
  readonly room: number;
  readonly damaged: DamagedPack[];
}

interface LoadedPack {
  /** Undefined if there is no good pack. */
  readonly index: IndexBytes | undefined;
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
      const index = readIndex(folder, pack, fs);
      if (index !== undefined) return { index, isUnreadable: false };
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
    return isWhole && isIndexOf(shared, id, trailer.records) ? shared : undefined;
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
    columns.add(offset, step.value, bytes, DIGEST_AT);
  }
}
