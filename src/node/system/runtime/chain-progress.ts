/**
 * The progress of a chain as that of one job, although each bundle is verified by itself.
 *
 * @module
 */

import {
  fractionDone,
  NOTHING_DONE,
  type Progress,
  type ProgressCount,
  type ProgressPhase,
  type ProgressTotal,
} from "./progress.ts";

/** Combines the progress of single bundles, or of several at once, into that of a chain. */
export class ChainProgress implements Progress {
  readonly #progress: Progress;
  readonly #bundles: number;
  /** What was done before the present part. */
  #files = 0;
  #bytes = 0;
  /** Bundles that are done, and the largest count that was reported. */
  #ended = 0;
  #said = 0;
  #part = { before: 0, bundles: 0, isBegun: false };
  #total: ProgressTotal = {};
  #done: (() => ProgressCount) | undefined;

  private constructor(progress: Progress, bundles: number) {
    this.#progress = progress;
    this.#bundles = bundles;
  }

  /** Begins the phase `verify` of all bundles; `undefined` without a progress, or for a single bundle. */
  static begin(progress: Progress | undefined, bundles: number): ChainProgress | undefined {
    if (progress === undefined || bundles < 2) return undefined;
    const chain = new ChainProgress(progress, bundles);
    progress.begin("verify", { bundles }, () => chain.#count());
    return chain;
  }

  /** Begins the verification of so many bundles together. */
  beginPart(bundles: number): void {
    this.#fold();
    this.#part = { before: this.#ended, bundles, isBegun: false };
  }

  /** Begins the hashing of their outputs. A second time, in another place, adds nothing to the count. */
  begin(_phase: ProgressPhase, total: ProgressTotal, done: () => ProgressCount): void {
    this.#fold();
    if (this.#part.isBegun) this.#part.bundles = 0;
    this.#part.isBegun = true;
    this.#total = total;
    this.#done = done;
  }

  beginWhole(): void {
    // If one bundle takes long to read, the phase of all bundles goes on.
  }

  /** One more bundle is done. */
  endBundle(): void {
    this.#ended += 1;
  }

  end(): void {
    this.#fold();
    this.#progress.end();
  }

  #fold(): void {
    const { bytes, files } = this.#count();
    this.#files = files;
    this.#bytes = bytes;
    this.#done = undefined;
  }

  #count(): ProgressCount {
    const done = this.#done?.();
    const { bytes, files } = done ?? NOTHING_DONE;
    const fraction = done === undefined ? 0 : (fractionDone(done, this.#total) ?? 0);
    const { before, bundles } = this.#part;
    const reached = Math.max(this.#said, this.#ended, before + bundles * fraction);
    this.#said = Math.min(this.#bundles, reached);
    return { files: this.#files + files, bytes: this.#bytes + bytes, bundles: this.#said };
  }
}
