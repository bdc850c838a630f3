/**
 * The tree that bundles form by their roots and their links to previous bundles (PROTOCOL 11).
 *
 * @module
 */

import { type Crypto, matchesDigest } from "../../system/bytes/crypto.ts";
import { DigestIndex } from "../../system/bytes/digest-index.ts";
import type { HexDigest } from "../../system/bytes/hex.ts";
import { compareRuns, type HistoryRun, type RunStanding } from "./history-model.ts";

/** The order of preference among several bundles with one root. */
const RANKS: Readonly<Record<RunStanding, number>> = { succeeded: 0, rejected: 1, failed: 2 };

/** A bundle and its ancestors. */
export interface Lineage<Run> {
  /** Oldest first, up to the given bundle. */
  readonly line: readonly Run[];
  /** The root that the oldest names as its predecessor, if no bundle has it. */
  readonly missing: HexDigest | undefined;
}

/** All bundles of a folder, given in any order. */
export class HistoryTree<Run extends HistoryRun> {
  /** Bundles with a root whose runs did not fail, each root once; oldest first by their times. */
  readonly linked: readonly Run[];
  /** Bundles of failed runs. */
  readonly failed: readonly Run[];
  /** Further bundles with the same root as another one. */
  readonly copies: readonly Run[];
  readonly #bearers: DigestIndex<Run>;
  readonly #followers: DigestIndex<Run>;
  readonly #crypto: Crypto;

  /** Builds the tree, in time and memory proportional to the number of runs. */
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
    for (const run of this.linked) this.#followers.add(run.previousBundleRoot, run);
  }

  /** The bundle with that root. */
  bearer(bundleRoot: HexDigest | undefined): Run | undefined {
    return this.#bearers.at(bundleRoot)[0];
  }

  /** The bundles whose predecessor has this root. Failed runs are not included. */
  followers(bundleRoot: HexDigest | undefined): readonly Run[] {
    return this.#followers.at(bundleRoot);
  }

  /** Whether a root is in a short list. */
  isAmong(bundleRoot: HexDigest, few: readonly HexDigest[]): boolean {
    return few.some((one) => matchesDigest(one, bundleRoot, this.#crypto));
  }

  /** The predecessor of a bundle; undefined if the bundle names none, or a missing one. */
  before(run: Run): Run | undefined {
    return this.bearer(run.previousBundleRoot);
  }

  /** A bundle and its ancestors. Stops at a circle of links, which needs a collision of SHA-256. */
  lineage(end: Run): Lineage<Run> {
    const line = new Set<Run>();
    let oldest = end;
    for (let run: Run | undefined = end; run !== undefined && !line.has(run); run = this.before(run)) {
      line.add(run);
      oldest = run;
    }
    return { line: [...line].reverse(), missing: oldest.previousBundleRoot };
  }

  /** All descendants of some roots, nearest first, each once. */
  descendants(bundleRoots: Iterable<HexDigest | undefined>): readonly Run[] {
    const found = new Set<Run>();
    for (const root of bundleRoots) for (const run of this.followers(root)) found.add(run);
    // A set that grows during iteration works as a queue without duplicates.
    for (const { bundleRoot } of found) for (const run of this.followers(bundleRoot)) found.add(run);
    return [...found];
  }

  /** The last run of the longest history from some runs, or from any first run. */
  longestEnd(from: readonly Run[] = this.beginnings()): Run | undefined {
    const seen = new Set<Run>(from);
    let last: Run | undefined;
    for (let level: readonly Run[] = from; level.length > 0; ) {
      last = [...level].sort(compareRuns).at(-1);
      const next = level
        .flatMap(({ bundleRoot }) => this.followers(bundleRoot))
        .filter((run) => !seen.has(run));
      for (const run of next) seen.add(run);
      level = next;
    }
    return last;
  }

  /** Runs without a predecessor, or with a missing one. */
  beginnings(): readonly Run[] {
    return this.linked.filter((run) => this.before(run) === undefined);
  }
}
