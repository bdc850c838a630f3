/**
 * Which packs a seal may rely on: those of which each record was hashed once, by this seal or an earlier one of this user, and which
 * were not touched since. A pack may come from an archive, or from a process that was killed before it synced.
 *
 * @module
 */

import { ColumnsBuilder, DIGEST_AT, DIGEST_BYTES, indexName, PERMISSIONS } from "../../../core/internal.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { syncFile } from "../../system/files/durable-file.ts";
import type { FileSystem } from "../../system/files/file-system.ts";
import { isUnchanged } from "../../system/files/read-source.ts";
import { enterPacks, type ListedPack, type PackCatalog } from "../../system/packs/pack-catalog.ts";
import { objectBytes, openPack, visitRecords } from "../../system/packs/pack-file.ts";
import { placeIndex } from "../../system/packs/place-pack.ts";
import { isSoundRecord } from "../../system/packs/record-content.ts";
import { encodeIndex, type IndexBytes, isSameIndex } from "../../system/packs/shared-pack-index.ts";
import { attempt, machineReason } from "../../system/runtime/machine-reason.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import type { ObjectMemory } from "./object-memory.ts";

/** What a seal may rely on. */
export interface ReliablePacks {
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
export async function findReliablePacks(
  catalog: PackCatalog,
  options: BeliefOptions,
): Promise<ReliablePacks> {
  const folder = enterPacks(catalog.folder, options.fs);
  const known: ListedPack[] = [];
  const doubtful: ListedPack[] = [];
  for (const pack of catalog.packs) {
    // An index can list a record at the wrong place, or leave it out: the one that was hashed with the pack is remembered too.
    const isKnown = options.memory?.recalls(pack.id, pack.stats, checksumOf(pack.index)) === true;
    (isKnown ? known : doubtful).push(pack);
  }
  options.memory?.forgetPacksBut(catalog.packs);
  const wrong: Buffer[] = [];
  let [files, bytes] = [0, 0];
  if (doubtful.length > 0) {
    const total = {
      files: doubtful.reduce((sum, { records }) => sum + records, 0),
      bytes: doubtful.reduce((sum, pack) => sum + objectBytes(pack), 0),
    };
    options.progress?.begin("check", total, () => ({ files, bytes }));
  }
  const count = (size: number): void => {
    files++;
    bytes += size;
  };
  for (const listed of doubtful) {
    const believed = await examine(folder, listed, { wrong, count }, options);
    if (believed !== undefined) known.push(believed);
  }
  return { known, wrong: Buffer.concat(wrong) };
}

/** What to do with each record while packs are hashed. */
interface RecordCount {
  /** The digests of records with wrong bytes. */
  readonly wrong: Buffer[];
  readonly count: (bytes: number) => void;
}

/** Syncs a pack and hashes each record. The index lists those that are right. */
async function examine(
  folder: AnchoredDir,
  listed: ListedPack,
  { count, wrong }: RecordCount,
  { fs, memory, signal }: BeliefOptions,
): Promise<ListedPack | undefined> {
  let fd: number | undefined;
  try {
    const pack = openPack(folder, listed.id, fs);
    if (typeof pack === "string") return undefined;
    fd = pack.fd;
    // [reused-pack] An archive may have brought it, or a process that was killed before it synced.
    fs.fsyncSync(fd);
    const right = new ColumnsBuilder();
    let isSound = true;
    const isWhole = await visitRecords(
      pack,
      ({ bytes, offset, size }) => {
        if (isSoundRecord(bytes)) right.add(offset, size, bytes, DIGEST_AT);
        else {
          isSound = false;
          wrong.push(Buffer.from(bytes.subarray(DIGEST_AT, DIGEST_AT + DIGEST_BYTES)));
        }
        count(size);
        return true;
      },
      { fs, signal },
    );
    const index = encodeIndex(pack.id, right.columns());
    if (isWhole && isSound) {
      attempt(() => {
        if (!isSameIndex(listed.index, index))
          placeIndex(folder, pack.id, index, Number(pack.before.mode) & PERMISSIONS, fs);
        // [reused-index] Like its pack, it is synced once.
        else syncFile(folder.address(indexName(pack.id)), fs);
      });
      if (isUnchanged(pack, Number(pack.before.size), fs))
        memory?.note(pack.id, pack.before, { index: checksumOf(index) });
    }
    return { ...listed, index };
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    // What can't be read is not relied on: its objects are packed again.
    return undefined;
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

/** The SHA-256 at the end of an index, in hex. */
export function checksumOf(index: IndexBytes): string {
  return Buffer.from(index.subarray(index.length - DIGEST_BYTES)).toString("hex");
}
