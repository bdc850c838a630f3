/**
 * The digests of walked files: those that are known without reading, and those that are read, by the pool of threads.
 *
 * @module
 */

import {
  DIGEST_BYTES,
  FINDING_KINDS,
  type FindingTable,
  itemAt,
  makeListing,
  PERMISSIONS,
  THROUGH_LINK,
} from "../../../core/internal.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { spaceForDigests } from "../../system/hashing/hash-board.ts";
import { hashFiles } from "../../system/hashing/hash-files.ts";
import type { PackBoard } from "../../system/packs/pack-board.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import type { WorkerPool } from "../../system/work/worker-pool.ts";
import { copyKnown, type SeenFiles } from "./index/stat-index.ts";
import type { WalkedTree } from "./walk-folder.ts";

/** What became of a walked file. */
export const FILE_STATES = {
  /** Not read yet. */
  unread: 0,
  /** Its digest was known: as `copyKnown` says it. */
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

/** What is known of walked files without reading them, by what was seen of them before. */
export function knownFiles(walked: WalkedTree, seen: readonly (SeenFiles | undefined)[]): LookedFiles {
  const { files, stats } = walked;
  const digests = spaceForDigests(files.length);
  const states = new Uint8Array(files.length).fill(FILE_STATES.unread);
  for (const each of seen) if (each !== undefined) copyKnown(walked, each, digests, states);
  const modes = Uint16Array.from(stats.modes, (mode) => mode & PERMISSIONS);
  return { digests, sizes: stats.sizes.slice(), modes, states };
}

/** How to read files. */
export interface ReadFilesOptions extends WorkOptions {
  readonly pool: WorkerPool;
  /** Where small files are packed in the same read, in the order of `places`. */
  readonly packing?: PackBoard | undefined;
}

/** The places of the files whose states are wanted, ascending. */
export function placesWhere(
  { states }: Pick<LookedFiles, "states">,
  isWanted: (state: number, place: number) => boolean,
): Uint32Array {
  const places = new Uint32Array(states.length);
  let count = 0;
  for (let place = 0; place < states.length; place++)
    if (isWanted(states[place] ?? 0, place)) places[count++] = place;
  return places.slice(0, count);
}

/** The places of the files in one state. */
export function placesOf(looked: LookedFiles, wanted: number): Uint32Array {
  return placesWhere(looked, (state) => state === wanted);
}

/** Whether a file in a state is in a snapshot. */
export function isSeen(state: number): boolean {
  return state === FILE_STATES.known || state === FILE_STATES.read;
}

/** Reads the files at some places, notes what was found, and gives it in the order of the places. Throws an Interruption. */
export async function readFiles(
  root: AnchoredRoot,
  { files, stats }: WalkedTree,
  looked: LookedFiles,
  places: Uint32Array,
  { packing, pool, progress, signal }: ReadFilesOptions,
): Promise<FindingTable> {
  const paths = makeListing(places.length, (index) => itemAt(files, places[index] ?? 0));
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

/** What an earlier round of the same look found. */
export function seenInRound({ paths, stats }: WalkedTree, { digests, states }: LookedFiles): SeenFiles {
  return { paths, stats, digests, counts: (row) => isSeen(states[row] ?? 0) };
}
