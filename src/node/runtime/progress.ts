/**
 * How far long work is. The work says what begins and how to ask; whoever shows it asks when it likes. Nothing is
 * sent meanwhile, so work that nobody watches costs no less than work that somebody does.
 *
 * @module
 */

/** What work is at. */
export type ProgressPhase =
  /** Files are looked for, nobody knows how many. */
  | "list"
  /** One bundle with a long manifest is parsed; many bundles are read; outputs are hashed, and held against them. */
  | "open"
  | "read"
  | "verify"
  /** Of a seal or a run: the scratch folders and the outputs are hashed, and the outputs put into the store. */
  | "scratch"
  | "hash"
  | "keep"
  /** Of many outputs the artifacts are made, signed and checked, and written. */
  | "sign"
  | "write"
  /** Of many outputs the tree is grown of which a proof is a part. */
  | "prove"
  /** Of a restore; keeping outputs in the store is planned too, and `check` is what an undo and a look through the store begin with. */
  | "plan"
  | "stage"
  | "report"
  | "sync"
  | "prepare"
  | "place"
  | "check"
  | "commit"
  /** Names are taken away: those that a restore needs no more, of what was restored, and of what nobody needs in the store. */
  | "clean"
  | "remove"
  | "collect";

/** What is done of a phase. */
export interface ProgressCount {
  readonly files: number;
  readonly bytes: number;
  /** Of a chain: whole bundles, and a fraction of the one that is being looked at. */
  readonly bundles?: number | undefined;
}

/** What there is to do in a phase; undefined where that is not known, and as long as nobody has counted. */
export interface ProgressTotal {
  readonly files?: number | undefined;
  readonly bytes?: number | undefined;
  readonly bundles?: number | undefined;
}

/** Whoever is told. */
export interface Progress {
  /** A phase begins, and the one before it has ended. `done` may be asked at any time until then. */
  begin(phase: ProgressPhase, total: ProgressTotal, done: () => ProgressCount): void;
  /** As `begin`, of work that takes longer than half a second and is one piece: no clock strikes until it is done. */
  beginWhole(phase: ProgressPhase, total: ProgressTotal): void;
  /** Nothing that takes long is going on now: somebody else may want the terminal. */
  end(): void;
}

/** Nothing done yet. */
export const NOTHING_DONE: ProgressCount = { files: 0, bytes: 0 };

/** Files of which the names are taken away in about half a second. */
const MANY_NAMES = 10_000;

/** Files of which all is made, read or planned in about half a second. */
const MANY_FILES = 50_000;

/** Bytes of a list of files from which on parsing and judging it takes about half a second: some 170,000 entries. */
const VERY_LONG_LIST: number = 16 * 1024 * 1024;

/** Says that something is done with so many files in one piece, where that takes long. */
export function beginMany(progress: Progress | undefined, phase: ProgressPhase, files: number): void {
  if (files > MANY_FILES) progress?.beginWhole(phase, { files });
}

/** Says that a list of files of so many bytes is read, where that takes long; and gives whether it does. */
export function beginReading(progress: Progress | undefined, bytes: number): boolean {
  const isLong = bytes >= VERY_LONG_LIST;
  if (isLong) progress?.beginWhole("open", {});
  return isLong;
}

/** Says that the names of so many files, which nobody needs any more, are taken away in one piece, where that takes long. */
export function beginCleaning(progress: Progress | undefined, files: number): void {
  if (files > MANY_NAMES) progress?.beginWhole("clean", { files });
}

/**
 * The done part of the whole, from 0 to 1: of bundles where these are counted, else of bytes, else of files;
 * undefined where none of their totals is known. A total may be a stranger's word: never more than 1.
 */
export function fractionDone(done: ProgressCount, total: ProgressTotal): number | undefined {
  if (total.bundles !== undefined) return part(done.bundles ?? 0, total.bundles);
  if (total.bytes !== undefined && total.bytes > 0) return part(done.bytes, total.bytes);
  return total.files === undefined ? undefined : part(done.files, total.files);
}

function part(done: number, total: number): number {
  return total === 0 ? 1 : Math.min(1, done / total);
}
