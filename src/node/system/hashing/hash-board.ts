/**
 * The board on which threads share the hashing of many files: one counter hands out batches of paths,
 * and each finding is written in its path's place. Plain shared memory: nothing is sent per file.
 *
 * @module
 */

import { DIGEST_BYTES, type FileColumns, type HexDigest } from "../../../core/internal.ts";
import type { AnchoredRoot } from "../files/anchored-root.ts";
import type { PackBoard } from "../packs/pack-board.ts";
import type { PackCatalog } from "../packs/pack-catalog.ts";
import { type Done, makeDone } from "../runtime/progress.ts";
import { availableCores } from "../runtime/system-limits.ts";
import { type BudgetShare, type ByteBudgets, makeByteBudgets } from "./byte-budget.ts";
import { areAscending, compareTexts, type SharedTexts } from "./shared-texts.ts";

/** Paths taken at once, at most: neighbours share folders, and the counter is touched seldom. */
const LARGEST_BATCH = 64;

/** Batches that a board is cut into, at least: few files may be large, and no thread should hold several of them. */
const FEWEST_BATCHES = 32;

/** Files by path and digest in memory that threads share, so that none has a copy of its own. */
export interface SharedFiles extends FileColumns {
  readonly pathBytes: Uint8Array<SharedArrayBuffer>;
  readonly pathStarts: Uint32Array<SharedArrayBuffer>;
  readonly digests: Uint8Array<SharedArrayBuffer>;
}

/** What a thread needs to take part. Descriptors belong to the process: every thread uses the same root. */
export interface HashBoard extends SharedFiles {
  readonly rootFd: number;
  readonly rootReal: readonly string[];
  readonly batch: number;
  /** Paths' places in an order in which those of one folder stand together; absent where they do. */
  readonly order: Uint32Array<SharedArrayBuffer> | undefined;
  /** Next place to hand out at [0]; 1 at [1] once the board is cleared. */
  readonly next: Int32Array<SharedArrayBuffer>;
  /** Threads at work at [0]. */
  readonly threads: Int32Array<SharedArrayBuffer>;
  /** 1 for each path that a thread has begun. */
  readonly begun: Uint8Array<SharedArrayBuffer>;
  /** A mark for each path, as `BoardFindings` writes them; 0 while it is unfinished. */
  readonly marks: Uint8Array<SharedArrayBuffer>;
  /** The digests that are expected, laid out the same; zeros where none is. Absent where nothing is expected. */
  readonly expected: Uint8Array<SharedArrayBuffer> | undefined;
  /** The digests of the leaves that the files are in a tree (PROTOCOL 10), laid out the same; absent where there is to be none. */
  readonly leaves: Uint8Array<SharedArrayBuffer> | undefined;
  readonly sizes: Float64Array<SharedArrayBuffer>;
  /** Permission bits of files, and whether a link led to them, as `FindingColumns` has them. */
  readonly modes: Uint16Array<SharedArrayBuffer>;
  /** How many bytes may be read; absent where nothing bounds them. */
  readonly budgets: ByteBudgets | undefined;
  /** Where the files are packed while they are hashed; absent where they are not. */
  readonly packing: PackBoard | undefined;
  /** Packs in which objects are looked for before their paths; absent for paths that are no objects'. */
  readonly packed: PackedObjects | undefined;
  /** Only to show how far it is. */
  readonly done: Done;
}

/** The digests that paths' files should have, 32 raw bytes each in the order of the paths; zeros where none will do. */
export type ExpectedDigests = Uint8Array<SharedArrayBuffer>;

/** Objects of a store that may be in packs. */
export interface PackedObjects {
  readonly catalog: PackCatalog;
  /** The digests of the objects, 32 raw bytes each in the order of the paths. */
  readonly wanted: Uint8Array<SharedArrayBuffer>;
}

/** What a board is laid out with. */
export interface BoardOptions {
  /** The digests that the files should have, in the order of the paths. */
  readonly expected?: ExpectedDigests | undefined;
  /** Whether leaves of a tree are hashed, too: of lawful paths in byte order, none of which has `:` as its second character. */
  readonly leaves?: boolean | undefined;
  /** Where files of at most `MAX_PACKED_BYTES` are packed, in the same read. */
  readonly packing?: PackBoard | undefined;
  /** For paths of objects: where to look before. */
  readonly packed?: PackedObjects | undefined;
  /** How many bytes bundles declare for which of the paths, in the order of the paths. */
  readonly shares?: readonly BudgetShare[] | undefined;
}

/** Lays out a board for lawful paths below a root. */
export function makeHashBoard(
  root: AnchoredRoot,
  paths: SharedTexts,
  { expected, leaves = false, packed, packing, shares = [] }: BoardOptions = {},
): HashBoard {
  const length = paths.starts.length - 1;
  return {
    rootFd: root.dir.fd,
    rootReal: root.real,
    pathBytes: paths.bytes,
    pathStarts: paths.starts,
    length,
    batch: Math.min(LARGEST_BATCH, Math.ceil(length / FEWEST_BATCHES)),
    // Packed objects stand in a pack in the order in which they were sealed.
    order: packed !== undefined || areAscending(paths) ? undefined : orderOf(paths),
    next: new Int32Array(new SharedArrayBuffer(8)),
    threads: new Int32Array(new SharedArrayBuffer(4)),
    begun: new Uint8Array(new SharedArrayBuffer(length)),
    marks: new Uint8Array(new SharedArrayBuffer(length)),
    digests: new Uint8Array(new SharedArrayBuffer(length * DIGEST_BYTES)),
    expected,
    leaves: leaves ? spaceForDigests(length) : undefined,
    sizes: new Float64Array(new SharedArrayBuffer(length * 8)),
    modes: new Uint16Array(new SharedArrayBuffer(length * 2)),
    budgets: makeByteBudgets(shares),
    packing,
    packed,
    done: makeDone(),
  };
}

/** Lays digests out as a board has them. */
export function layOutDigests(digests: readonly (HexDigest | undefined)[]): ExpectedDigests {
  const laidOut = spaceForDigests(digests.length);
  const target = Buffer.from(laidOut.buffer);
  for (const [index, digest] of digests.entries()) {
    if (digest !== undefined) target.write(digest, index * DIGEST_BYTES, DIGEST_BYTES, "hex");
  }
  return laidOut;
}

/** Room for so many digests, zeros as yet. */
export function spaceForDigests(count: number): ExpectedDigests {
  return new Uint8Array(new SharedArrayBuffer(count * DIGEST_BYTES));
}

function orderOf(paths: SharedTexts): Uint32Array<SharedArrayBuffer> {
  const order = new Uint32Array(new SharedArrayBuffer((paths.starts.length - 1) * 4));
  for (let index = 0; index < order.length; index++) order[index] = index;
  return order.sort((left, right) => compareTexts(paths, left, right));
}

/**
 * Hands out paths by index until none is left or the board is cleared, none twice. `undefined` stands between
 * batches: a moment to breathe. In the end each thread takes what others hold in their batches but have not
 * begun, because one of them may be busy with a large file.
 */
export function* takePaths(board: HashBoard): Generator<number | undefined, void, undefined> {
  for (;;) {
    const start = Atomics.add(board.next, 0, board.batch);
    if (start >= board.length) break;
    for (let place = start; place < Math.min(start + board.batch, board.length); place++) {
      const index = board.order?.[place] ?? place;
      if (begin(board, index)) yield index;
    }
    yield undefined;
  }
  for (let place = 0; place < board.length && !isCleared(board); place++) {
    const index = board.order?.[place] ?? place;
    if (begin(board, index)) yield index;
  }
}

function begin(board: HashBoard, index: number): boolean {
  return !isCleared(board) && Atomics.exchange(board.begun, index, 1) === 0;
}

/** Hands out nothing more: no caller waits for unfinished paths. */
export function clearBoard(board: HashBoard): void {
  Atomics.store(board.next, 0, board.length);
  Atomics.store(board.next, 1, 1);
}

/** Whether no caller waits for unfinished paths. */
export function isCleared(board: HashBoard): boolean {
  return Atomics.load(board.next, 1) === 1;
}

/** Notes that a thread begins to work a board off, or ends (-1). */
export function countThread(board: HashBoard, change: 1 | -1): void {
  Atomics.add(board.threads, 0, change);
}

/** Whether fewer threads are at work than there are cores. */
export function hasSpareCore(board: HashBoard): boolean {
  return Atomics.load(board.threads, 0) < availableCores();
}

/** How many paths were not handed out yet. */
export function pathsLeft(board: HashBoard): number {
  return Math.max(0, board.length - Atomics.load(board.next, 0));
}
