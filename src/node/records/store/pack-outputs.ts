/**
 * Keeps the outputs of a seal: those of at most 1 MiB in packs, in the same read that hashes them, and larger ones in files of their own.
 *
 * The caller holds the project's lock from before it hashes. A kill leaves partial packs, which the next lock holder removes, or packs
 * that no bundle names, which `prune` removes.
 *
 * @module
 */

import { constants } from "node:fs";
import {
  DIGEST_BYTES,
  type FindingTable,
  HEAD_BYTES,
  HEADER_BYTES,
  type Listing,
  MAX_PACKED_BYTES,
  makeColumns,
  ok,
  PackIndex,
  type RecordColumns,
  type Result,
} from "../../../core/internal.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../../system/files/file-system.ts";
import { tidyPacks } from "../../system/packs/folder-names.ts";
import {
  filesByPack,
  makePackBoard,
  offsetOf,
  PACK_MODES,
  type PackBoard,
  packingFailure,
  partialName,
} from "../../system/packs/pack-board.ts";
import { enterPacks, listPacks, repairIndexes } from "../../system/packs/pack-catalog.ts";
import { type PlacedPack, placePack } from "../../system/packs/place-pack.ts";
import { attempt, reasonOf } from "../../system/runtime/machine-reason.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { type KeptOutputs, keepOutputs } from "./keep-outputs.ts";
import type { HashedOutput, KeepOptions } from "./keeping.ts";
import { checksumOf, findReliablePacks, type ReliablePacks } from "./reliable-packs.ts";
import { StoreFolders } from "./store-folders.ts";
import { PACKS_COMPONENTS, packFolderOf, packsFault } from "./stored-objects.ts";

/** What is kept: the outputs, and what was found of them by the hashing that packed them. */
export interface PackedOutputs extends Listing<HashedOutput> {
  readonly findings: FindingTable;
}

interface PackOptions extends KeepOptions {
  readonly fs: FileSystem;
}

/** The packing of one seal's outputs. It ends with `keep`, or when its owner disposes of it. */
export class OutputPacking implements Disposable {
  /** For the hashing of the outputs. */
  readonly board: PackBoard;
  readonly #project: AnchoredRoot;
  readonly #folders: StoreFolders;
  readonly #believed: ReliablePacks;
  readonly #options: PackOptions;
  #hasEnded = false;

  private constructor(
    project: AnchoredRoot,
    folders: StoreFolders,
    board: PackBoard,
    believed: ReliablePacks,
    options: PackOptions,
  ) {
    this.#project = project;
    this.#folders = folders;
    this.board = board;
    this.#believed = believed;
    this.#options = options;
  }

  /**
   * Begins to pack so many files, as the lock holder: tidies the folder of packs, and hashes packs that this user did not hash before.
   * Fails with STORE_UNUSABLE, or with WRITE_FAILED. Throws an Interruption. On a failure nothing is left.
   */
  static async begin(
    project: AnchoredRoot,
    files: number,
    { fs = nodeFileSystem, ...rest }: KeepOptions,
  ): Promise<Result<OutputPacking, OperationFault>> {
    const options = { ...rest, fs };
    const { memory, progress, signal } = rest;
    const folders = new StoreFolders(project);
    let hasBegun = false;
    try {
      folders.make(PACKS_COMPONENTS);
      // A folder of its own: the project's open folders are closed and exchanged while files are hashed.
      const dir = project.folder(PACKS_COMPONENTS.slice(0, -1)).enter(PACKS_COMPONENTS.at(-1) ?? "");
      try {
        tidyPacks(dir, fs);
        const catalog = listPacks(packFolderOf(project, dir), fs);
        repairIndexes(catalog, fs);
        const believed = await findReliablePacks(catalog, { fs, memory, progress, signal });
        const board = makePackBoard(catalog.folder, files, believed.known);
        hasBegun = true;
        return ok(new OutputPacking(project, folders, board, believed, options));
      } finally {
        if (!hasBegun) dir.close();
      }
    } catch (thrown) {
      return packsFault(reasonOf(thrown), "WRITE_FAILED");
    } finally {
      if (!hasBegun) folders.removeMade();
    }
  }

  /**
   * Places the packs, and keeps large outputs in files of their own; all durable when this returns. The packing is over then, whatever
   * comes of it. Fails as `keepOutputs` does. Packs that are complete stay even if the seal fails: `prune` removes what no bundle names.
   */
  async keep(outputs: PackedOutputs): Promise<Result<KeptOutputs, OperationFault>> {
    const { memory } = this.#options;
    try {
      const failure = packingFailure(this.board);
      if (failure !== undefined) return packsFault(failure, "WRITE_FAILED");
      const placed = this.#placeAll(outputs);
      if (!placed.ok) return placed;
      const kept = await keepOutputs(this.#project, largeOnes(outputs), this.#options);
      if (!kept.ok) return kept;
      this.#syncFolders();
      for (const { id, index, stats } of placed.value.packs)
        memory?.note(id, stats, { index: checksumOf(index), isWritten: true });
      memory?.save();
      const { added, bytes, packs } = placed.value;
      const replaced = this.#findReplaced(packs);
      return ok({
        added: kept.value.added + added - replaced.objects,
        bytes: kept.value.bytes + bytes - replaced.bytes,
        replaced: kept.value.replaced + replaced.objects,
        undo: kept.value.undo,
      });
    } catch (thrown) {
      return packsFault(reasonOf(thrown), "WRITE_FAILED");
    } finally {
      this[Symbol.dispose]();
    }
  }

  /** Removes the partial packs, and ends the packing. Does nothing once it has ended. */
  [Symbol.dispose](): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const folder = this.#folder;
    attempt(() => {
      const names = folder.names();
      const partial = names.filter((name) => name.startsWith(`.${this.board.name}`));
      for (const name of partial) folder.unlink(name);
      if (partial.length === names.length) this.#folders.removeMade();
    });
    this.#folders.close();
    folder.close();
  }

  #placeAll(outputs: PackedOutputs): Result<PlacedAll, OperationFault> {
    const { fs } = this.#options;
    const packs: PlacedPack[] = [];
    let [added, bytes] = [0, 0];
    // A failed run whose outputs can't be sealed has none, whatever was packed.
    const packed = outputs.length === 0 ? [] : filesByPack(this.board);
    const total = [...packed].reduce((sum, [, { length }]) => sum + length, 0);
    if (total > 0)
      this.#options.progress?.begin("sync", { files: total }, () => ({ files: added, bytes: 0 }));
    for (const [pack, files] of packed) {
      const records = columnsOf(this.board, files, outputs.findings);
      const placed = this.#place(pack, records, fs);
      if (!placed.ok) return placed;
      packs.push(placed.value);
      added += records.count;
      for (const size of records.sizes) bytes += size;
    }
    return ok({ packs, added, bytes });
  }

  #place(pack: number, records: RecordColumns, fs: FileSystem): Result<PlacedPack, OperationFault> {
    const folder = this.#folder;
    const name = partialName(this.board, pack);
    const fd = folder.open(name, constants.O_WRONLY | constants.O_NOFOLLOW);
    try {
      const last = records.count - 1;
      const end = (records.offsets[last] ?? HEADER_BYTES) + HEAD_BYTES + (records.sizes[last] ?? 0);
      const mode = PACK_MODES[pack % PACK_MODES.length] ?? 0o400;
      return placePack(folder, { name, fd, end, mode, records }, fs);
    } finally {
      fs.closeSync(fd);
    }
  }

  /** The objects that had wrong bytes, and have the right ones now. */
  #findReplaced(packs: readonly PlacedPack[]): { readonly objects: number; readonly bytes: number } {
    const { wrong } = this.#believed;
    let [objects, bytes] = [0, 0];
    for (const pack of packs) {
      const index = new PackIndex(pack.index);
      for (let place = 0; place < wrong.length; place += DIGEST_BYTES) {
        const entry = index.find(wrong, place);
        if (entry < 0) continue;
        objects++;
        bytes += index.at(entry)?.size ?? 0;
      }
    }
    return { objects, bytes };
  }

  /** Also for existing packs: the process that placed them may have been killed before this. */
  #syncFolders(): void {
    const { fs } = this.#options;
    // [packs] Before a bundle names what is in them.
    fs.fsyncSync(this.board.folder.fd);
    for (let depth = PACKS_COMPONENTS.length - 1; depth >= 0; depth--) {
      // [packs-above] A first seal made these folders.
      fs.fsyncSync(this.#folders.enter(PACKS_COMPONENTS.slice(0, depth)).fd);
    }
  }

  get #folder(): AnchoredDir {
    return enterPacks(this.board.folder, this.#options.fs);
  }
}

function largeOnes(outputs: PackedOutputs): readonly HashedOutput[] {
  const { sizes } = outputs.findings.columns;
  const large: HashedOutput[] = [];
  for (const [index, size] of sizes.entries()) {
    const output = size > MAX_PACKED_BYTES ? outputs.at(index) : undefined;
    if (output !== undefined) large.push(output);
  }
  return large;
}

interface PlacedAll {
  readonly packs: readonly PlacedPack[];
  readonly added: number;
  readonly bytes: number;
}

/** The records of one pack, given the files in the order of their records. */
function columnsOf(board: PackBoard, files: Uint32Array, { columns }: FindingTable): RecordColumns {
  const records = { ...makeColumns(files.length), count: files.length };
  for (const [at, index] of files.entries()) {
    const place = index * DIGEST_BYTES;
    records.digests.set(columns.digests.subarray(place, place + DIGEST_BYTES), at * DIGEST_BYTES);
    records.offsets[at] = offsetOf(board, index);
    records.sizes[at] = columns.sizes[index] ?? 0;
  }
  return records;
}
