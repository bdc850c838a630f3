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
  PERMISSIONS,
  packName,
} from "../../../core/internal.ts";
import { AnchoredDir } from "../files/anchored-dir.ts";
import type { FileSystem } from "../files/file-system.ts";
import { openPlainFile } from "../files/read-source.ts";
import { breatheAlong, runSteps, type Steps } from "../runtime/interruption.ts";
import { attempt, machineReason } from "../runtime/machine-reason.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import { namesIn } from "./folder-names.ts";
import { type FolderState, isOtherState, stateOfFolder } from "./folder-state.ts";
import {
  fillAt,
  type OpenPack,
  openPack,
  type PackFile,
  type PackProblem,
  scanRecords,
} from "./pack-file.ts";
import { placeIndex } from "./place-pack.ts";
import { encodeIndex, type IndexBytes, isSameIndex } from "./shared-pack-index.ts";

/** One pack. */
export interface ListedPack extends PackFile {
  readonly index: IndexBytes;
  /** The states of the pack and of its index file when the index was loaded; undefined if that file is missing or wrong. */
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
  /** One whose records are bad is among the packs too, with those before the first bad one. */
  readonly damaged: readonly DamagedPack[];
  /** Names of packs that the system refused to read: an object that is in none of the others may be in one of them. */
  readonly unreadable: readonly string[];
  /** The folder before it was listed: another state means other packs. */
  readonly state: FolderState;
}

/** What a reader needs of a catalog. */
export type ReadablePacks = Pick<PackCatalog, "folder" | "packs" | "unreadable">;

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
  const listed = runSteps(load(held, fs, true));
  last = new WeakRef(listed);
  return listed;
}

/** The same, but no index is believed: the heads of all records are read. Throws an Interruption, too. */
export async function surveyPacks(
  held: PackFolder,
  signal: AbortSignal | undefined,
  fs: FileSystem,
): Promise<PackCatalog> {
  return await breatheAlong(load(held, fs, false), signal);
}

/** Lists packs by their trailers alone, without those that are damaged or can't be read. Throws what the system says of the folder. */
export function listPackFiles(held: PackFolder, fs: FileSystem): readonly PackFile[] {
  const folder = enterPacks(held, fs);
  const files: PackFile[] = [];
  for (const id of namesIn(folder, fs).packs) {
    attempt(() => {
      const pack = openPack(folder, id, fs);
      if (typeof pack === "string") return;
      fs.closeSync(pack.fd);
      files.push({ id, records: pack.trailer.records, stats: pack.before });
    });
  }
  return files;
}

/** Writes the indexes that are missing or wrong, as the lock holder. Readers go without, so a refusal does no harm. */
export function repairIndexes({ damaged, folder, packs }: PackCatalog, fs: FileSystem): void {
  const dir = enterPacks(folder, fs);
  for (const { id, index, state, stats } of packs) {
    // The index of a damaged pack would lack records.
    if (state !== undefined || damaged.some(({ name }) => name === packName(id))) continue;
    attempt(() => placeIndex(dir, id, index, Number(stats.mode) & PERMISSIONS, fs));
  }
}

/** Whether packs may have been added to the folder or removed from it since it was listed. Throws what the system says. */
export function hasChanged({ folder, state }: PackCatalog, fs: FileSystem): boolean {
  return isOtherState(state, stateOfFolder(folder.fd, fs));
}

function* load(held: PackFolder, fs: FileSystem, reliesOnIndexes: boolean): Steps<PackCatalog> {
  const folder = enterPacks(held, fs);
  const state = stateOfFolder(held.fd, fs);
  const packs: ListedPack[] = [];
  const damaged: DamagedPack[] = [];
  const unreadable: string[] = [];
  let room = MAX_INDEX_BYTES;
  for (const id of namesIn(folder, fs).packs) {
    const { isUnreadable, pack, problem } = loadPack(folder, id, { reliesOnIndexes, room }, fs);
    if (isUnreadable === true) unreadable.push(packName(id));
    if (problem !== undefined) damaged.push({ name: packName(id), problem });
    if (pack !== undefined) {
      packs.push(pack);
      room -= pack.index.length;
    }
    yield;
  }
  return { folder: held, packs, damaged, unreadable, state };
}

/** What has the name of a pack: nothing, if a collection has removed it since it was listed. */
interface LoadedPack {
  readonly pack?: ListedPack;
  readonly problem?: PackProblem | undefined;
  readonly isUnreadable?: boolean;
}

function loadPack(
  folder: AnchoredDir,
  id: HexDigest,
  { reliesOnIndexes, room }: { readonly reliesOnIndexes: boolean; readonly room: number },
  fs: FileSystem,
): LoadedPack {
  try {
    const open = openPack(folder, id, fs);
    if (open === "missing") return {};
    if (typeof open === "string") return { problem: open };
    try {
      const { before: stats, trailer } = open;
      const file = { id, records: trailer.records, stats };
      if (indexBytes(trailer.records) > room) return { isUnreadable: true };
      const state = stateOfPack(folder, open);
      const known = state && last?.deref()?.packs.find((listed) => listed.state === state);
      const filed = known ? known.index : readIndex(folder, open, fs);
      if (reliesOnIndexes && filed !== undefined) return { pack: { ...file, index: filed, state } };
      const { index, problem } = rebuildIndex(open, fs);
      const isFiled = filed !== undefined && isSameIndex(filed, index);
      return { pack: { ...file, index, state: isFiled ? state : undefined }, problem };
    } finally {
      fs.closeSync(open.fd);
    }
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return { isUnreadable: true };
  }
}

/** What changes when a pack or its index file does; `undefined` without an index file. Throws what the system says. */
function stateOfPack(folder: AnchoredDir, { before, id }: OpenPack): string | undefined {
  const index = folder.stats(indexName(id));
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

/**
 * Makes the index of an open pack from its record heads: of a damaged one, from those before the first bad head. Throws what the system
 * says.
 */
export function rebuildIndex(
  pack: OpenPack,
  fs: FileSystem,
): { readonly index: IndexBytes; readonly problem: PackProblem | undefined } {
  const columns = new ColumnsBuilder();
  const scan = scanRecords(pack, fs, true);
  for (;;) {
    const step = scan.next();
    if (step.done === true) return { index: encodeIndex(pack.id, columns.columns()), problem: step.value };
    const { bytes, offset, size } = step.value;
    columns.add(offset, size, bytes, DIGEST_AT);
  }
}
