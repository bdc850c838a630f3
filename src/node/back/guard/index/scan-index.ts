/**
 * The stat index of one look at a guarded folder: answers from the index of an earlier look, and writes that of this one.
 *
 * A digest may be recorded for a file if every later change of its bytes will show in its stats. The steps of a look, in this order:
 *
 * 1. Take the time T from the clock of the file system (the constructor).
 * 2. Read the stats of the files, and look their digests up (`seen`).
 * 3. Make the pages of the other files clean, and look for processes that write to them (`beforeReading`).
 * 4. Hash the other files.
 * 5. Record files whose times are before T (`write`). A change after step 2 has a time that is not before T, so the stats of step 2
 *    never fit again.
 *
 * @module
 */

import { DIGEST_BYTES, type Listing, makeListing } from "../../../../core/internal.ts";
import { type AnchoredDir, canAnchor } from "../../../system/files/anchored-dir.ts";
import type { AnchoredRoot } from "../../../system/files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../../../system/files/file-system.ts";
import { nodeCrypto } from "../../../system/runtime/node-crypto.ts";
import type { WorkOptions } from "../../../system/runtime/progress.ts";
import { readBootId, readChangeClock, showsMappedStores } from "./change-clock.ts";
import { cleanPages } from "./clean-pages.ts";
import type { FileStats } from "./file-stats.ts";
import { findOpenInodes } from "./file-writers.ts";
import { readIndexFile, writeIndexFile } from "./index-file.ts";
import {
  encodeIndex,
  type IndexedFiles,
  type IndexHead,
  type ParsedIndex,
  parseIndex,
} from "./index-format.ts";
import { filesOfIndex, type SeenFiles } from "./stat-index.ts";

/** Where the index is, and what it is of. */
export interface ScanIndexPlace {
  /** The guarded folder. */
  readonly root: AnchoredRoot;
  /** The folder that holds the index. Its lock is held. */
  readonly folder: AnchoredDir;
  /** Identifies the patterns that leave files out: 32 bytes. */
  readonly scope: Uint8Array;
  /** Whether the bytes of a digest are kept, 32 raw bytes of `digests` at `place`. */
  readonly isKept: (digests: Uint8Array, place: number) => boolean;
  /**
   * Takes the index of this sum and no other; none where the sum is empty. The index has no key: whatever runs as this user can
   * write one whose digests are not those of the files. By default any index is taken.
   */
  readonly onlyIndex?: Uint8Array | undefined;
  readonly fs?: FileSystem | undefined;
  /** The clock of the guarded folder's file system; by default it is asked. For tests, which must not set this machine's clock. */
  readonly clock?: (() => number | undefined) | undefined;
}

/** The index of one look. Where change times can't be believed it answers for no file, and is not written. */
export class ScanIndex {
  readonly #place: ScanIndexPlace;
  readonly #fs: FileSystem;
  readonly #clock: () => number | undefined;
  readonly #head: IndexHead | undefined;
  #index: ParsedIndex | undefined;
  readonly #written: Set<number> = new Set();
  #sum: Uint8Array = new Uint8Array(0);
  /** Whether each file was answered for so far. */
  #isUnread = true;
  /** Whether each file that was read so far had clean pages before. */
  #isClean = true;

  /** Begins a look. */
  constructor(place: ScanIndexPlace) {
    const { fs = nodeFileSystem, root } = place;
    this.#place = place;
    this.#fs = fs;
    this.#clock = place.clock ?? (() => readChangeClock(root.dir, fs));
    this.#head = this.#begin();
    this.#index = this.#readIndex();
  }

  /** The sum of the index that this look read, or wrote; empty if there is none. */
  get sum(): Uint8Array {
    return this.#sum;
  }

  /** The files of the earlier look; undefined without an index of it. */
  get seen(): SeenFiles | undefined {
    return this.#index && filesOfIndex(this.#index, this.#place.isKept);
  }

  /** Prepares the reading of the files at some places. Files whose later changes may not show in stats are not recorded. Throws an Interruption. */
  async beforeReading(
    { paths, stats }: { readonly paths: Listing<string>; readonly stats: FileStats },
    places: Uint32Array,
    { progress, signal }: WorkOptions = {},
  ): Promise<void> {
    const { root } = this.#place;
    if (places.length > 0) this.#isUnread = false;
    // What changed at T or later is not recorded anyway.
    const settled = this.#settledPlaces(stats, places);
    if (settled.length === 0) return;
    const listed = makeListing(settled.length, (index) => paths.at(settled[index] ?? 0) ?? "");
    progress?.beginWhole("sync", { files: listed.length });
    this.#isClean = (await cleanPages(root, listed, this.#fs, signal)) && this.#isClean;
    progress?.end();
    const { dev } = this.#fs.fstatSync(root.dir.fd, { bigint: true });
    for (const inode of findOpenInodes(dev)) this.#written.add(Number(inode));
  }

  /**
   * Writes the index of this look. `places` are those of the files whose digests are true, ascending; those that were answered for
   * are among them. An index that answered for all of them stays.
   */
  write(files: IndexedFiles, places: Uint32Array): void {
    if (this.#head === undefined || !this.#isClean) return;
    if (this.#isUnread && this.#index?.digests.length === places.length * DIGEST_BYTES) return;
    // A clock that was put back meanwhile may give later changes times before T.
    const now = this.#clock();
    if (now === undefined || now < this.#head.takenAt) return;
    const { inodes } = files.stats;
    const recorded = this.#settledPlaces(files.stats, places).filter(
      (place) => !this.#written.has(inodes[place] ?? 0),
    );
    // Nothing is asked any more: two indexes of a million files have 200 MB.
    this.#index = undefined;
    const pieces = encodeIndex(this.#head, files, recorded);
    if (pieces === undefined) return;
    this.#sum = writeIndexFile(this.#place.folder, pieces, this.#fs) ?? new Uint8Array(0);
  }

  /** Those of the places whose files changed before T. */
  #settledPlaces({ changes, modifications }: FileStats, places: Uint32Array): Uint32Array {
    const takenAt = this.#head?.takenAt;
    if (takenAt === undefined) return new Uint32Array(0);
    return places.filter(
      (place) => (changes[place] ?? takenAt) < takenAt && (modifications[place] ?? takenAt) < takenAt,
    );
  }

  #begin(): IndexHead | undefined {
    const { root, scope } = this.#place;
    const boot = readBootId();
    if (boot === undefined || !canAnchor() || !showsMappedStores(root.dir)) return undefined;
    const takenAt = this.#clock();
    if (takenAt === undefined) return undefined;
    const { birthtimeNs, ino } = this.#fs.fstatSync(root.dir.fd, { bigint: true });
    return { rootInode: ino, rootBirth: birthtimeNs, takenAt, boot, scope };
  }

  #readIndex(): ParsedIndex | undefined {
    if (this.#head === undefined) return undefined;
    const bytes = readIndexFile(this.#place.folder, this.#fs);
    if (bytes === undefined) return undefined;
    const sum = bytes.slice(-DIGEST_BYTES);
    const { onlyIndex = sum } = this.#place;
    if (onlyIndex.length !== sum.length || !nodeCrypto.equalDigests(onlyIndex, sum)) return undefined;
    const parsed = parseIndex(bytes, this.#head);
    if (parsed === undefined) return undefined;
    this.#sum = sum;
    return parsed;
  }
}
