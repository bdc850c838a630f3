/**
 * The progress of a chain as that of one piece of work, though each bundle is verified by itself.
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

/** Stands between the verification of bundles, of one or several at once, and whoever is told. */
export class ChainProgress implements Progress {
  readonly #progress: Progress;
  readonly #bundles: number;
  /** What was done before the present look. */
  #files = 0;
  #bytes = 0;
  /** Bundles that are done with, and as far as it was ever said to be. */
  #ended = 0;
  #said = 0;
  #part = { before: 0, bundles: 0, isBegun: false };
  #total: ProgressTotal = {};
  #done: (() => ProgressCount) | undefined;

  private constructor(progress: Progress, bundles: number) {
    this.#progress = progress;
    this.#bundles = bundles;
  }

  /** Begins the phase `verify` of all bundles; nothing where nobody wants to know, or there is but one of them. */
  static begin(progress: Progress | undefined, bundles: number): ChainProgress | undefined {
    if (progress === undefined || bundles < 2) return undefined;
    const chain = new ChainProgress(progress, bundles);
    progress.begin("verify", { bundles }, () => chain.#count());
    return chain;
  }

  /** So many bundles are looked at together now. */
  beginPart(bundles: number): void {
    this.#fold();
    this.#part = { before: this.#ended, bundles, isBegun: false };
  }

  /** Their outputs are looked at; for a second time, in another place, that is no further step. */
  begin(_phase: ProgressPhase, total: ProgressTotal, done: () => ProgressCount): void {
    this.#fold();
    if (this.#part.isBegun) this.#part.bundles = 0;
    this.#part.isBegun = true;
    this.#total = total;
    this.#done = done;
  }

  beginWhole(): void {
    // One bundle takes long to read: the phase of all of them goes on.
  }

  /** One more bundle is done with. */
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
