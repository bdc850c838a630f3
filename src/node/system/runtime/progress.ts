/**
 * The progress of long work. The work names each phase and gives a function that counts; the display calls it when it wants
 * to. No messages are sent, so progress costs the work nothing. Threads count in shared memory: each counts for itself, and
 * adds its counts now and then.
 *
 * @module
 */

/** A phase of long work. */
export type ProgressPhase =
  /** Files are listed; their number is not known yet. */
  | "list"
  /** A bundle with a long manifest is parsed; many bundles are read; outputs are hashed and compared. */
  | "open"
  | "read"
  | "verify"
  /** Seal or run: the scratch folders and the outputs are hashed, and the outputs are put into the store. */
  | "scratch"
  | "hash"
  | "keep"
  /** The artifacts of many outputs are made, signed and checked, and written. */
  | "sign"
  | "write"
  /** The Merkle root of many outputs is computed for a proof. */
  | "prove"
  /** Restore. `plan` is also for keeping outputs in the store, `check` also for undo and `store check`. */
  | "plan"
  | "stage"
  | "report"
  | "sync"
  | "prepare"
  | "place"
  /** Revert: what goes or is replaced is moved aside. */
  | "move"
  | "check"
  | "commit"
  /** Names are removed: working files of a restore, restored files, unused objects of a store. */
  | "clean"
  | "remove"
  | "collect"
  /** The bytes of runs are written into an archive. */
  | "pack"
  /** Blobs are sent to a registry, or fetched from it. */
  | "send"
  | "fetch";

/** The done part of a phase. */
export interface ProgressCount {
  readonly files: number;
  readonly bytes: number;
  /** For a chain: whole bundles, and a fraction of the present one. */
  readonly bundles?: number | undefined;
}

/** The total of a phase; undefined if it is not known, or not counted yet. */
export interface ProgressTotal {
  readonly files?: number | undefined;
  readonly bytes?: number | undefined;
  readonly bundles?: number | undefined;
}

/** A display of progress. */
export interface Progress {
  /** A phase begins, and the one before it has ended. `done` may be asked at any time until then. */
  begin(phase: ProgressPhase, total: ProgressTotal, done: () => ProgressCount): void;
  /** As `begin`, for work of more than half a second without pauses: no timer fires until it is done. */
  beginWhole(phase: ProgressPhase, total: ProgressTotal): void;
  /** No phase is in progress now: a signer or a command may use the terminal. */
  end(): void;
}

/** How a caller ends long work early, and follows it. */
export interface WorkOptions {
  readonly signal?: AbortSignal | undefined;
  readonly progress?: Progress | undefined;
}

/** Nothing done yet. */
export const NOTHING_DONE: ProgressCount = { files: 0, bytes: 0 };

/** Files whose names are removed in about half a second. */
const MANY_NAMES = 10_000;

/** Files whose entries are made, read or planned in about half a second. */
const MANY_FILES = 50_000;

/** Bytes of a list of files from which on parsing and judging it takes about half a second: some 170,000 entries. */
const VERY_LONG_LIST: number = 16 * 1024 * 1024;

/** Begins a phase without pauses for so many files, if it takes long. */
export function beginMany(progress: Progress | undefined, phase: ProgressPhase, files: number): void {
  if (files > MANY_FILES) progress?.beginWhole(phase, { files });
}

/** Begins the reading of a list of files of so many bytes, if it takes long. Gives whether it does. */
export function beginReading(progress: Progress | undefined, bytes: number): boolean {
  const isLong = bytes >= VERY_LONG_LIST;
  if (isLong) progress?.beginWhole("open", {});
  return isLong;
}

/** Begins the removal of the names of so many files that are not needed any more, if it takes long. */
export function beginCleaning(progress: Progress | undefined, files: number): void {
  if (files > MANY_NAMES) progress?.beginWhole("clean", { files });
}

/**
 * The done part of the whole, from 0 to 1: of bundles where these are counted, else of bytes, else of files. Undefined where none of
 * their totals is known, and where bytes are counted whose total is not: 5,000 small files beside 3 large ones are 99 % of the files and
 * none of the work. A total may come from an untrusted bundle, so the result is never more than 1.
 */
export function fractionDone(done: ProgressCount, total: ProgressTotal): number | undefined {
  if (total.bundles !== undefined) return part(done.bundles ?? 0, total.bundles);
  if (total.bytes !== undefined && total.bytes > 0) return part(done.bytes, total.bytes);
  if (total.files === undefined || (total.bytes === undefined && done.bytes > 0)) return undefined;
  return part(done.files, total.files);
}

function part(done: number, total: number): number {
  return total === 0 ? 1 : Math.min(1, done / total);
}

/** Finished files at [0], bytes read at [1], those of unfinished files included. May lag a moment behind. */
export type Done = BigInt64Array<SharedArrayBuffer>;

/** Bytes that a thread hashes in about a millisecond. */
const BYTES_WORTH_TELLING: number = 1024 * 1024;

/** Nothing done yet. */
export function makeDone(): Done {
  return new BigInt64Array(new SharedArrayBuffer(16));
}

/** What all threads together have done: for display only, because a thread reports in lots. */
export function readDone(done: Done): ProgressCount {
  return { files: Number(Atomics.load(done, 0)), bytes: Number(Atomics.load(done, 1)) };
}

/** Begins a phase over files of so many bytes, and gives the counter for its progress. */
export function beginFiles(
  progress: Progress | undefined,
  phase: ProgressPhase,
  total: ProgressTotal,
): Tally {
  const done = makeDone();
  progress?.begin(phase, total, () => readDone(done));
  return new Tally(done);
}

/** The count of one thread. */
export class Tally {
  readonly #done: Done;
  /** All bytes that this thread counted. */
  bytes = 0;
  #files = 0;
  #bytes = 0;

  constructor(done: Done) {
    this.#done = done;
  }

  countFile(): void {
    this.#files += 1;
  }

  countBytes(bytes: number): void {
    this.bytes += bytes;
    this.#bytes += bytes;
    if (this.#bytes >= BYTES_WORTH_TELLING) this.tell();
  }

  /** Writes down what was not told yet. */
  tell(): void {
    if (this.#files > 0) Atomics.add(this.#done, 0, BigInt(this.#files));
    if (this.#bytes > 0) Atomics.add(this.#done, 1, BigInt(this.#bytes));
    this.#files = 0;
    this.#bytes = 0;
  }
}
