/**
 * Places fetched blobs in a project's store, as its lock holder: an object or a pack has its name once all of its bytes are there, right
 * and synced. So a pull that is killed leaves whole blobs, which the next one does not fetch again, and partial ones, which it removes.
 *
 * @module
 */

import {
  type BlobName,
  ColumnsBuilder,
  DIGEST_AT,
  type HexDigest,
  ok,
  placeOfObject,
  type RecordColumns,
  type Result,
  STORE_COMPONENTS,
  TRAILER_BYTES,
} from "../../../core/internal.ts";
import type { BlobKeeper, KeptBlob, PackBlob, PresentBlob } from "../../judge/source/blob-keeper.ts";
import { asFailure } from "../../judge/source/spool.ts";
import { findWrongObjects } from "../../records/store/check-reused.ts";
import { storeFault } from "../../records/store/object-store.ts";
import { StoreFolders } from "../../records/store/store-folders.ts";
import { PACKS_COMPONENTS, packsFault } from "../../records/store/stored-objects.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { makePartialName } from "../../system/files/partial-name.ts";
import { PlacedFile } from "../../system/files/placed-file.ts";
import type { IsClosed } from "../../system/packs/closed-outputs.ts";
import { tidyPacks } from "../../system/packs/folder-names.ts";
import { PACK_MODES } from "../../system/packs/pack-board.ts";
import { type OpenPack, openPack, visitRecords } from "../../system/packs/pack-file.ts";
import { placePack } from "../../system/packs/place-pack.ts";
import { isSoundRecord } from "../../system/packs/record-content.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import { closeFolders, openFolders, type PlacingFolders } from "./placing-folders.ts";

/** Places the blobs of one run. Its owner disposes of it. */
export class BlobPlacing implements BlobKeeper, Disposable {
  readonly #folders: StoreFolders;
  /** The open folders. */
  readonly #open: PlacingFolders;
  /** Objects that are there and right. */
  readonly #present: ReadonlySet<BlobName>;
  readonly #isClosed: IsClosed;
  readonly #signal: AbortSignal | undefined;
  #begun = 0;
  /** Bytes of blobs that were there. */
  presentBytes = 0;

  private constructor(
    folders: StoreFolders,
    open: PlacingFolders,
    present: ReadonlySet<BlobName>,
    isClosed: IsClosed,
    signal: AbortSignal | undefined,
  ) {
    this.#folders = folders;
    this.#open = open;
    this.#present = present;
    this.#isClosed = isClosed;
    this.#signal = signal;
  }

  /**
   * Begins: removes what a killed process left, and hashes objects that are there. Fails with STORE_UNUSABLE, WRITE_FAILED,
   * READ_FAILED or CHANGED_WHILE_READ. Throws an Interruption.
   */
  static async begin(
    project: AnchoredRoot,
    objects: readonly BlobName[],
    isClosed: IsClosed,
    { progress, signal }: WorkOptions,
  ): Promise<Result<BlobPlacing, OperationFault>> {
    const folders = new StoreFolders(project);
    let open: PlacingFolders | undefined;
    let hasBegun = false;
    try {
      const there = objectsThere(folders, objects);
      const reused = there.map((blob) => ({ digest: blob.digest, bytes: blob.size, blob }));
      const check = { memory: undefined, signal, progress, fs };
      const wrong = await findWrongObjects(project, reused, check);
      if (!wrong.ok) return wrong;
      const bad = new Set(wrong.value.map(({ blob }) => blob));
      open = openFolders(folders);
      tidyPacks(open.packs, fs);
      hasBegun = true;
      const present = new Set(there.filter((blob) => !bad.has(blob)));
      return ok(new BlobPlacing(folders, open, present, isClosed, signal));
    } catch (thrown) {
      return storeFault(reasonOf(thrown), "WRITE_FAILED");
    } finally {
      if (!hasBegun) {
        if (open !== undefined) closeFolders(open);
        folders.close();
      }
    }
  }

  async begin(blob: BlobName, pack: PackBlob | undefined): Promise<KeptBlob | PresentBlob | OperationFault> {
    try {
      if (pack !== undefined) return (await this.#presentPack(pack)) ?? this.#beginPack(pack);
      if (!this.#present.has(blob)) return this.#beginObject(blob);
      this.presentBytes += blob.size;
      return { present: true, start: 0, records: undefined };
    } catch (thrown) {
      return storeFault(reasonOf(thrown), "WRITE_FAILED");
    }
  }

  /** Makes all names durable. Fails with WRITE_FAILED. */
  sync(): OperationFault | undefined {
    try {
      // [pulled-packs] Before a bundle names what is in them.
      fs.fsyncSync(this.#open.packs.fd);
      for (const components of [STORE_COMPONENTS, PACKS_COMPONENTS]) {
        for (let depth = components.length; depth >= 0; depth--) {
          // [pulled-above]
          fs.fsyncSync(this.#folders.enter(components.slice(0, depth)).fd);
        }
      }
      return undefined;
    } catch (thrown) {
      return storeFault(reasonOf(thrown), "WRITE_FAILED");
    }
  }

  [Symbol.dispose](): void {
    closeFolders(this.#open);
    this.#folders.close();
  }

  #beginObject({ digest }: BlobName): KeptBlob {
    const name = String(this.#begun++);
    const file = new PlacedFile(this.#open.making.address(name));
    return {
      start: 0,
      add: (chunk) => addTo(file, chunk),
      end: async () => {
        try {
          // [pulled] Before it has its name: an object with a name is believed to be whole. Other blobs go on meanwhile.
          await file.syncBeside(PACK_MODES[this.#isClosed(Buffer.from(digest, "hex")) ? 1 : 0]);
          this.#placeObject(digest, file);
          return undefined;
        } catch (thrown) {
          return storeFault(reasonOf(thrown), "WRITE_FAILED");
        }
      },
      abandon: () => file.abandon(),
    };
  }

  #placeObject(digest: HexDigest, file: PlacedFile): void {
    const { folder, name } = placeOfObject(digest);
    const components = [...STORE_COMPONENTS, folder];
    this.#folders.make(components);
    const dir = this.#folders.enter(components);
    file.rename(dir.address(name));
    // [pulled-object]
    fs.fsyncSync(dir.fd);
  }

  #beginPack({ pack: { size } }: PackBlob): KeptBlob {
    const name = makePartialName();
    const file = new PlacedFile(this.#open.packs.address(name));
    return {
      start: 0,
      add: (chunk) => addTo(file, chunk),
      end: (records) => {
        if (records === undefined) throw new TypeError("a pack ends with its records");
        try {
          const mode = PACK_MODES[this.#isClosed(records.digests) ? 1 : 0];
          const partial = { name, fd: file.fd, end: size - TRAILER_BYTES, mode, records };
          const placed = placePack(this.#open.packs, partial, fs);
          if (!placed.ok) return placed;
          file.close();
          return undefined;
        } catch (thrown) {
          return packsFault(reasonOf(thrown), "WRITE_FAILED");
        }
      },
      abandon: () => file.abandon(),
    };
  }

  /** A pack that is there, if each of its records is sound. */
  async #presentPack({ id, pack: { size } }: PackBlob): Promise<PresentBlob | undefined> {
    const open = openPack(this.#open.packs, id, fs);
    if (typeof open === "string") return undefined;
    try {
      if (open.before.size !== BigInt(size)) return undefined;
      // [pulled-again] The process that placed it may have been killed before its name was durable.
      fs.fsyncSync(open.fd);
      const records = await soundRecords(open, this.#signal);
      if (records === undefined) return undefined;
      this.presentBytes += size;
      return { present: true, start: 0, records };
    } finally {
      fs.closeSync(open.fd);
    }
  }
}

/** Throws a SpoolFailure. */
async function addTo(file: PlacedFile, chunk: Uint8Array): Promise<void> {
  try {
    await file.addBeside(chunk);
  } catch (thrown) {
    throw asFailure(thrown);
  }
}

/** Objects that are files of their size. */
function objectsThere(folders: StoreFolders, objects: readonly BlobName[]): readonly BlobName[] {
  return objects.filter(({ digest, size }) => {
    const { folder, name } = placeOfObject(digest);
    const dir = folders.enterIfThere([...STORE_COMPONENTS, folder]);
    const stats = dir?.lstat(name);
    return stats?.isFile() === true && stats.size === size;
  });
}

/** The records of an open pack, each hashed; `undefined` if one is not what its head says, or the pack is damaged. */
async function soundRecords(
  pack: OpenPack,
  signal: AbortSignal | undefined,
): Promise<RecordColumns | undefined> {
  const columns = new ColumnsBuilder();
  const isSound = await visitRecords(
    pack,
    ({ bytes, offset, size }) => {
      columns.add(offset, size, bytes, DIGEST_AT);
      return isSoundRecord(bytes);
    },
    { fs, signal },
  );
  return isSound ? columns.columns() : undefined;
}
