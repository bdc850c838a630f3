/**
 * Which packs a seal may rely on: those of which each record was hashed once, by this seal or an earlier one of this user, and which
 * were not touched since. A pack may come from an archive, or from a process that was killed before it synced.
 *
 * @module
 */

import type { BigIntStats } from "node:fs";
import {
  ColumnsBuilder,
  DIGEST_AT,
  DIGEST_BYTES,
  HEAD_BYTES,
  HEADER_BYTES,
  type HexDigest,
  indexName,
  PackIndex,
  packName,
  TRAILER_BYTES,
} from "../../core/internal.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import { type FileSystem, OPEN_SOURCE } from "../files/file-system.ts";
import { isUnchanged } from "../files/read-source.ts";
import { enterPacks, type ListedPack, type PackCatalog } from "../packs/pack-catalog.ts";
import { type OpenPack, openPack, scanRecords } from "../packs/pack-file.ts";
import { encodeIndex, type IndexBytes } from "../packs/pack-index.ts";
import { isSoundRecord } from "../packs/record-content.ts";
import { repairIndex } from "../packs/tidy-packs.ts";
import { breathe } from "../runtime/interruption.ts";
import { attempt, machineReason } from "../runtime/machine-reason.ts";
import type { WorkOptions } from "../runtime/progress.ts";
import type { ObjectMemory } from "./object-memory.ts";

/** What a seal may rely on. */
export interface BelievedPacks {
  /** Packs, with indexes that list only records whose bytes are right. */
  readonly known: readonly ListedPack[];
  /** The digests of records with wrong bytes, 32 raw bytes each. */
  readonly wrong: Buffer;
}

/** How to check packs. */
export interface BeliefOptions extends WorkOptions {
  /** What was hashed before; without it, all packs are hashed. */
  readonly memory: ObjectMemory | undefined;
  readonly fs: FileSystem;
}

/** Hashes packs that this user did not hash before, or that were touched since. Throws an Interruption. */
export async function believePacks(catalog: PackCatalog, options: BeliefOptions): Promise<BelievedPacks> {
  const folder = enterPacks(catalog.folder, options.fs);
  const known: ListedPack[] = [];
  const doubtful: ListedPack[] = [];
  for (const listed of catalog.packs) (recalls(folder, listed, options) ? known : doubtful).push(listed);
  const wrong: Buffer[] = [];
  let [files, bytes] = [0, 0];
  if (doubtful.length > 0)
    options.progress?.begin("check", totalOf(folder, doubtful, options.fs), () => ({ files, bytes }));
  const count = (stored: number): void => {
    files++;
    bytes += stored;
  };
  for (const listed of doubtful) {
    const believed = await examine(folder, listed, { wrong, count }, options);
    if (believed !== undefined) known.push(believed);
  }
  return { known, wrong: Buffer.concat(wrong) };
}

/** Whether a pack and its index were hashed and synced before. An index can list a record at the wrong place, or leave it out. */
function recalls(folder: AnchoredDir, { id }: ListedPack, { fs, memory }: BeliefOptions): boolean {
  const recallsFile = (name: string): boolean => {
    const stats = statsOf(folder, name, fs);
    return stats !== undefined && memory?.recalls(id, stats) === true;
  };
  return recallsFile(packName(id)) && recallsFile(indexName(id));
}

/** How many records there are in packs, and how many bytes. */
function totalOf(
  folder: AnchoredDir,
  packs: readonly ListedPack[],
  fs: FileSystem,
): { readonly files: number; readonly bytes: number } {
  let [files, bytes] = [0, 0];
  for (const { id, index } of packs) {
    const { count } = new PackIndex(index);
    const size = Number(statsOf(folder, packName(id), fs)?.size ?? 0n);
    files += count;
    bytes += Math.max(0, size - HEADER_BYTES - count * HEAD_BYTES - TRAILER_BYTES);
  }
  return { files, bytes };
}

/** What to do with each record while packs are hashed. */
interface RecordCount {
  /** The digests of records with wrong bytes. */
  readonly wrong: Buffer[];
  readonly count: (bytes: number) => void;
}

async function examine(
  folder: AnchoredDir,
  listed: ListedPack,
  record: RecordCount,
  options: BeliefOptions,
): Promise<ListedPack | undefined> {
  const { fs } = options;
  let pack: OpenPack | undefined;
  try {
    const opened = openPack(folder, listed.id, fs);
    if (typeof opened === "string") return undefined;
    pack = opened;
    // [reused-pack] An archive may have brought it, or a process that was killed before it synced.
    fs.fsyncSync(pack.fd);
    const { index, isSound } = await hashPack(pack, record, options);
    if (isSound) {
      keepIndex(folder, { id: pack.id, index }, fs);
      if (isUnchanged(pack, Number(pack.before.size), fs)) noteBelief(folder, pack, options);
    }
    return { id: pack.id, index };
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    // What can't be read is not relied on: its objects are packed again.
    return undefined;
  } finally {
    if (pack !== undefined) fs.closeSync(pack.fd);
  }
}

/** Notes a pack and its index as hashed and synced. Throws what the system says. */
function noteBelief(folder: AnchoredDir, pack: OpenPack, { fs, memory }: BeliefOptions): void {
  const index = statsOf(folder, indexName(pack.id), fs);
  if (index === undefined) return;
  memory?.note(pack.id, pack.before);
  memory?.note(pack.id, index);
}

/** The same of a pack that this process wrote and synced: its objects were hashed as they were written. */
export function noteWrittenPack(
  folder: AnchoredDir,
  id: HexDigest,
  { fs, memory }: Pick<BeliefOptions, "fs" | "memory">,
): void {
  const pack = statsOf(folder, packName(id), fs);
  const index = statsOf(folder, indexName(id), fs);
  if (pack === undefined || index === undefined) return;
  memory?.noteWritten(id, pack);
  memory?.noteWritten(id, index);
}

function statsOf(folder: AnchoredDir, name: string, fs: FileSystem): BigIntStats | undefined {
  const stats = fs.lstatSync(folder.address(name), { bigint: true, throwIfNoEntry: false });
  return stats?.isFile() === true ? stats : undefined;
}

/** Hashes each record. The index lists those that are right. */
async function hashPack(
  { fd, id, trailer }: OpenPack,
  { count, wrong }: RecordCount,
  { fs, signal }: BeliefOptions,
): Promise<{ readonly index: IndexBytes; readonly isSound: boolean }> {
  const right = new ColumnsBuilder();
  const scan = scanRecords({ fd, end: trailer.length, trailer }, fs);
  let isSound = true;
  for (let number = 0; ; number++) {
    const step = scan.next();
    if (step.done === true) {
      return { index: encodeIndex(id, right.columns()), isSound: isSound && step.value === undefined };
    }
    const { bytes, offset, size } = step.value;
    if (isSoundRecord(bytes)) right.add(offset, size, bytes, DIGEST_AT);
    else {
      isSound = false;
      wrong.push(Buffer.from(bytes.subarray(DIGEST_AT, DIGEST_AT + DIGEST_BYTES)));
    }
    count(size);
    const pause = breathe(number, signal);
    if (pause !== undefined) await pause;
  }
}

/** Makes the index durable, and writes it anew if it is not the one that was made from the records. */
function keepIndex(folder: AnchoredDir, pack: ListedPack, fs: FileSystem): void {
  if (repairIndex(folder, pack, fs)) return;
  attempt(() => {
    const fd = fs.openSync(folder.address(indexName(pack.id)), OPEN_SOURCE);
    try {
      // [reused-index] It is remembered as hashed and synced, like its pack.
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  });
}
