/**
 * The digests of walked files: those that are known without reading, and those that are read, by the pool of threads.
 *
 * @module
 */

import {
  compareUtf8,
  DIGEST_BYTES,
  FINDING_KINDS,
  type FindingTable,
  PERMISSIONS,
  THROUGH_LINK,
  withRoom,
} from "../../../core/internal.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { spaceForDigests } from "../../system/hashing/hash-board.ts";
import { hashFiles } from "../../system/hashing/hash-files.ts";
import type { PackBoard } from "../../system/packs/pack-board.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import type { WorkerPool } from "../../system/work/worker-pool.ts";
import { isAsSeen, type SeenStats } from "./index/file-stats.ts";
import type { KnownDigests, WalkedTree } from "./walk-folder.ts";

/** What became of a walked file. */
export const FILE_STATES = {
  /** Not read yet. */
  unread: 0,
  /** Its digest was known. */
  known: 1,
  /** It was read. */
  read: 2,
  /** It changed while it was read, or is missing, or is not a regular file any more. */
  changed: 3,
  unreadable: 4,
} as const;

/** The digests, sizes and modes of walked files, by their places in the list of the walk. */
export interface LookedFiles {
  readonly digests: Uint8Array<SharedArrayBuffer>;
  readonly sizes: Float64Array;
  /** The nine permission bits. */
  readonly modes: Uint16Array;
  /** Values of `FILE_STATES`. */
  readonly states: Uint8Array;
}

/** Takes digests over while files are walked. Later files need more room. */
export class KnownFiles {
  readonly #known: readonly KnownDigests[];
  #digests = new Uint8Array(1024 * DIGEST_BYTES);
  #states = new Uint8Array(1024);

  /** The first of `known` that has a digest decides. */
  constructor(known: readonly KnownDigests[]) {
    this.#known = known;
  }

  /** Looks a file up. */
  readonly onFile = (path: string, stats: SeenStats, index: number): void => {
    this.#digests = withRoom(this.#digests, (index + 1) * DIGEST_BYTES);
    this.#states = withRoom(this.#states, index + 1);
    const place = index * DIGEST_BYTES;
    const isKnown = this.#known.some(({ find }) => find(path, stats, this.#digests, place));
    this.#states[index] = isKnown ? FILE_STATES.known : FILE_STATES.unread;
  };

  /** What is known of the walked files. */
  files({ files, stats }: WalkedTree): LookedFiles {
    const digests = spaceForDigests(files.length);
    digests.set(this.#digests.subarray(0, files.length * DIGEST_BYTES));
    const modes = Uint16Array.from(stats.modes, (mode) => mode & PERMISSIONS);
    return { digests, sizes: stats.sizes.slice(), modes, states: this.#states.slice(0, files.length) };
  }
}

/** How to read files. */
export interface ReadFilesOptions extends WorkOptions {
  readonly pool: WorkerPool;
  /** Where small files are packed in the same read, in the order of `places`. */
  readonly packing?: PackBoard | undefined;
}

/** The places of files that are not read yet. */
export function unreadPlaces({ states }: LookedFiles): Uint32Array {
  const places = new Uint32Array(states.reduce((count, state) => count + (state === 0 ? 1 : 0), 0));
  let at = 0;
  for (const [index, state] of states.entries()) if (state === FILE_STATES.unread) places[at++] = index;
  return places;
}

/** Reads the files at some places, notes what was found, and gives it in the order of the places. Throws an Interruption. */
export async function readFiles(
  root: AnchoredRoot,
  { files, stats }: WalkedTree,
  looked: LookedFiles,
  places: Uint32Array,
  { packing, pool, progress, signal }: ReadFilesOptions,
): Promise<FindingTable> {
  const paths = Array.from(places, (place) => files[place] ?? "");
  const bytes = places.reduce((sum, place) => sum + (stats.sizes[place] ?? 0), 0);
  const watch = progress && {
    watch: (done: Parameters<typeof progress.begin>[2], count: number) =>
      progress.begin("hash", { files: count, bytes }, done),
  };
  const found = await hashFiles(root, paths, { pool, signal, packing, saidBytes: bytes, ...watch });
  progress?.end();
  const { digests, kinds, modes = new Uint16Array(0), sizes } = found.columns;
  for (const [at, place] of places.entries()) {
    const mode = modes[at] ?? 0;
    looked.states[place] = stateOf(kinds[at] ?? 0, mode);
    if (looked.states[place] !== FILE_STATES.read) continue;
    looked.digests.set(digests.subarray(at * DIGEST_BYTES, (at + 1) * DIGEST_BYTES), place * DIGEST_BYTES);
    looked.sizes[place] = sizes[at] ?? 0;
    looked.modes[place] = mode & PERMISSIONS;
  }
  return found;
}

/** A file that was reached through a link is not where the walk found it. */
function stateOf(kind: number, mode: number): number {
  if (kind === FINDING_KINDS.READ_FAILED) return FILE_STATES.unreadable;
  const isRead = kind === FINDING_KINDS.file && (mode & THROUGH_LINK) === 0;
  return isRead ? FILE_STATES.read : FILE_STATES.changed;
}

/** What an earlier look of the same work found. It answers for files that are as they were then. */
export class EarlierFiles implements KnownDigests {
  readonly #walked: WalkedTree;
  readonly #looked: LookedFiles;
  #next = 0;

  constructor(walked: WalkedTree, looked: LookedFiles) {
    this.#walked = walked;
    this.#looked = looked;
  }

  readonly find = (path: string, stats: SeenStats, target: Uint8Array, place: number): boolean => {
    const at = this.#seek(path);
    if (at === undefined) return false;
    const { digests, states } = this.#looked;
    const isFound = states[at] === FILE_STATES.read || states[at] === FILE_STATES.known;
    if (!isFound || !isAsSeen(this.#walked.stats, at, stats)) return false;
    target.set(digests.subarray(at * DIGEST_BYTES, (at + 1) * DIGEST_BYTES), place);
    return true;
  };

  /** Both lists are in byte order, and a file of either may be missing in the other. */
  #seek(path: string): number | undefined {
    const { files } = this.#walked;
    for (let known = files[this.#next]; known !== undefined; known = files[++this.#next]) {
      const order = compareUtf8(known, path);
      if (order === 0) return this.#next;
      if (order > 0) return undefined;
    }
    return undefined;
  }
}
