/**
 * How far long work is. The work says what begins and how to ask; whoever shows it asks when it likes. Nothing is
 * sent meanwhile, so work that nobody watches costs no less than work that somebody does.
 *
 * @module
 */

/** What work is at: `verify` and `hash` read outputs, `keep` fills the store, the others are a restore's. */
export type ProgressPhase = "verify" | "hash" | "keep" | "stage" | "sync" | "place" | "check";

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
  /** Nothing that takes long is going on now: somebody else may want the terminal. */
  end(): void;
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
