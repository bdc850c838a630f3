/**
 * Bundles by what they bear and what they name: the tree that links make of them (PROTOCOL 11).
 *
 * @module
 */

import { type Crypto, matchesDigest } from "../bytes/crypto.ts";
import { DigestIndex } from "../bytes/digest-index.ts";
import type { HexDigest } from "../bytes/hex.ts";
import { compareRuns, type HistoryRun, type RunStanding } from "./history-run.ts";

/** Of several bundles with one root, the first in this order stands for it. */
const RANKS: Readonly<Record<RunStanding, number>> = { succeeded: 0, rejected: 1, failed: 2 };

/** The way from a bundle back to its beginning. */
export interface Lineage<Run> {
  /** Oldest first, ending with the bundle that was asked about. */
  readonly line: readonly Run[];
  /** What the oldest names as the one before it, where that is nowhere. */
  readonly missing: HexDigest | undefined;
}

/** All bundles of a folder, whatever their order there. */
export class HistoryTree<Run extends HistoryRun> {
  /** Those that ended well and bear a root, each root once; oldest first as far as their times say. */
  readonly linked: readonly Run[];
  /** Those of runs that failed. */
  readonly failed: readonly Run[];
  /** Further bundles with a root that another one stands for. */
  readonly copies: readonly Run[];
  readonly #bearers: DigestIndex<Run>;
  readonly #followers: DigestIndex<Run>;
  readonly #crypto: Crypto;

  /** Makes the tree. Takes time and memory in proportion to the runs. */
  constructor(runs: readonly Run[], crypto: Crypto) {
    this.#crypto = crypto;
    this.#bearers = new DigestIndex(crypto);
    this.#followers = new DigestIndex(crypto);
    const ranked = runs.toSorted((a, b) => RANKS[a.standing] - RANKS[b.standing] || compareRuns(a, b));
    const copies: Run[] = [];
    for (const run of ranked) {
      if (run.bundleRoot === undefined) continue;
      if (this.#bearers.at(run.bundleRoot).length > 0) copies.push(run);
      this.#bearers.add(run.bundleRoot, run);
    }
    const isCopy = new Set(copies);
    const borne = ranked.filter((run) => run.bundleRoot !== undefined && !isCopy.has(run));
    this.copies = copies;
    this.failed = borne.filter(({ standing }) => standing === "failed").sort(compareRuns);
    this.linked = borne.filter(({ standing }) => standing !== "failed").sort(compareRuns);
    for (const run of this.linked) {
      if (run.previousBundleRoot !== undefined) this.#followers.add(run.previousBundleRoot, run);
    }
  }

  /** The bundle of that root. */
  bearer(bundleRoot: HexDigest): Run | undefined {
    return this.#bearers.at(bundleRoot)[0];
  }

  /** Those that name this root as the one before them. Failed runs never do. */
  followers(bundleRoot: HexDigest): readonly Run[] {
    return this.#followers.at(bundleRoot);
  }

  /** Whether a root is one of a few. */
  isAmong(bundleRoot: HexDigest, few: readonly HexDigest[]): boolean {
    return few.some((one) => matchesDigest(one, bundleRoot, this.#crypto));
  }

  /** The bundle before another one; undefined where it names none, or one that is nowhere. */
  before(run: Run): Run | undefined {
    return run.previousBundleRoot === undefined ? undefined : this.bearer(run.previousBundleRoot);
  }

  /** The way back. Ends where it would go in a circle, which no real digests can make it do. */
  lineage(end: Run): Lineage<Run> {
    const line = new Set<Run>();
    let oldest = end;
    for (let run: Run | undefined = end; run !== undefined && !line.has(run); run = this.before(run)) {
      line.add(run);
      oldest = run;
    }
    return { line: [...line].reverse(), missing: oldest.previousBundleRoot };
  }

  /** Everything behind some roots, nearest first, each once. */
  descendants(bundleRoots: Iterable<HexDigest>): readonly Run[] {
    const found = new Set<Run>();
    const add = (bundleRoot: HexDigest | undefined): void => {
      if (bundleRoot === undefined) return;
      for (const run of this.followers(bundleRoot)) found.add(run);
    };
    for (const bundleRoot of bundleRoots) add(bundleRoot);
    // A set that grows while it is walked is a queue that takes nothing twice.
    for (const run of found) add(run.bundleRoot);
    return [...found];
  }

  /** The end of the longest line behind some runs, or behind any beginning there is. */
  longestEnd(from: readonly Run[] = this.beginnings()): Run | undefined {
    const seen = new Set<Run>(from);
    let last: Run | undefined;
    for (let level: readonly Run[] = from; level.length > 0; ) {
      last = [...level].sort(compareRuns).at(-1);
      const next = level.flatMap(({ bundleRoot }) =>
        bundleRoot === undefined ? [] : this.followers(bundleRoot).filter((run) => !seen.has(run)),
      );
      for (const run of next) seen.add(run);
      level = next;
    }
    return last;
  }

  /** Runs with nothing before them, or nothing that is there. */
  beginnings(): readonly Run[] {
    return this.linked.filter((run) => this.before(run) === undefined);
  }
}
