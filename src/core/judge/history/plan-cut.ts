/**
 * Plans which runs of a history are forgotten: everything before one bundle of the history (PROTOCOL 18).
 *
 * The history stays whole from that bundle on, so the oldest one that a rule keeps decides. No such run loses what it needs: the snapshots
 * that it names, and the run that a failed one names. Older runs may stay beside it that have lost their snapshots.
 *
 * @module
 */

import type { FailedRun } from "../../records/artifacts/failed-runs.ts";
import type { Crypto } from "../../system/bytes/crypto.ts";
import { DigestIndex } from "../../system/bytes/digest-index.ts";
import type { HexDigest } from "../../system/bytes/hex.ts";
import type { History, HistoryRun } from "./history-model.ts";
import { orderNewestFirst } from "./history-order.ts";

/** Which runs are kept. A run is kept if one of the rules keeps it. The newest run and the head of the history are always kept. */
export interface Retention<Run> {
  /** Whether a bundle counts as a run: the snapshots around a command do not. */
  readonly counts: (run: Run) => boolean;
  /** Roots of other bundles that a run can't do without: its snapshots. */
  readonly needs: (run: Run) => readonly HexDigest[];
  /** How many of the newest runs; undefined: no such rule. */
  readonly last: number | undefined;
  /** Runs from this moment on, RFC 3339; undefined: no such rule. */
  readonly since: string | undefined;
  /** Roots of bundles that are kept, such as what a run in progress names. */
  readonly pinned: readonly HexDigest[];
}

/** What is forgotten. */
export interface CutPlan<Run> {
  /** The bundle at which the history begins then; undefined if no further run is forgotten. */
  readonly first: Run | undefined;
  /** In the order in which they are removed: failed runs first, then the history from its old end. */
  readonly forgotten: readonly Run[];
  /** Forgotten failed runs that a remaining run lists. */
  readonly failedRuns: readonly FailedRun[];
  /** How many runs stay that count. */
  readonly kept: number;
}

/** Plans a cut of a history without findings, and takes bundles along that an earlier cut has left. */
export function planCut<Run extends HistoryRun>(
  history: History<Run>,
  retention: Retention<Run>,
  crypto: Crypto,
): CutPlan<Run> {
  const { line, places } = history;
  const left = [...places].flatMap(([run, place]) => (place === "forgotten" ? [run] : []));
  const beside = [...places].flatMap(([run, place]) => (place === "beside" ? [run] : []));
  const needs = new Needs(line, crypto);
  const at = needs.firstKept(keptRuns(history, retention, crypto), retention);
  const isForgotten = (run: Run): boolean => needs.placeOf(run) < at;
  const failed = beside.filter(isForgotten);
  const forgotten = [...failed, ...line.slice(0, at)];
  const staying = [...line.slice(at), ...beside.filter((run) => !isForgotten(run))];
  return {
    first: at === 0 ? undefined : line[at],
    forgotten: [...failedFirst(left), ...forgotten],
    failedRuns: listedOf(staying, failed, history, crypto),
    kept: staying.filter(retention.counts).length,
  };
}

/** The runs that a rule keeps, and the newest one: it can be undone however old it is. */
function keptRuns<Run extends HistoryRun>(
  history: History<Run>,
  { counts, last, since }: Retention<Run>,
  crypto: Crypto,
): readonly Run[] {
  const isOurs = (run: Run): boolean => {
    const place = history.places.get(run);
    return place === "line" || place === "beside";
  };
  const counted = orderNewestFirst(history, crypto).filter((run) => isOurs(run) && counts(run));
  return counted.filter(
    (run, index) =>
      index === 0 ||
      (last !== undefined && index < last) ||
      (since !== undefined && (run.sealedAt ?? "") >= since),
  );
}

/** Places in a history, and how far back a run reaches. */
class Needs<Run extends HistoryRun> {
  readonly #line: readonly Run[];
  readonly #places: DigestIndex<number>;

  constructor(line: readonly Run[], crypto: Crypto) {
    this.#line = line;
    this.#places = new DigestIndex(crypto);
    for (const [index, { bundleRoot }] of line.entries()) this.#places.add(bundleRoot, index);
  }

  /** Where a run stands: its own place in the history, or that of the run that a failed one names. */
  placeOf(run: Run): number {
    return this.#at(run.bundleRoot) ?? this.#at(run.previousBundleRoot) ?? 0;
  }

  /** The place of the first bundle that stays. A root that is not in the history keeps nothing. */
  firstKept(kept: readonly Run[], { needs, pinned }: Pick<Retention<Run>, "needs" | "pinned">): number {
    const head = this.#line.length - 1;
    const pinnedPlaces = pinned.map((root) => this.#at(root) ?? head);
    const needed = kept.flatMap(needs).map((root) => this.#at(root) ?? head);
    const first = [...kept.map((run) => this.placeOf(run)), ...needed, ...pinnedPlaces].reduce(
      (least, place) => Math.min(least, place),
      head,
    );
    return Math.max(0, first);
  }

  #at(root: HexDigest | undefined): number | undefined {
    return this.#places.at(root)[0];
  }
}

function failedFirst<Run extends HistoryRun>(runs: readonly Run[]): readonly Run[] {
  const isFailed = ({ standing }: Run): boolean => standing === "failed";
  return [...runs.filter(isFailed), ...runs.filter((run) => !isFailed(run))];
}

/** The forgotten failed runs that remaining runs list, and those of an earlier cut that are still listed; each once. */
function listedOf<Run extends HistoryRun>(
  staying: readonly Run[],
  failed: readonly Run[],
  { cut }: History<Run>,
  crypto: Crypto,
): readonly FailedRun[] {
  const gone = new DigestIndex<true>(crypto);
  for (const { bundleRoot } of [...failed, ...(cut?.failedRuns ?? [])]) gone.add(bundleRoot, true);
  const told = new DigestIndex<true>(crypto);
  return staying.flatMap(({ failedRuns }) =>
    failedRuns.listed.filter(({ bundleRoot }) => {
      if (gone.at(bundleRoot).length === 0 || told.at(bundleRoot).length > 0) return false;
      told.add(bundleRoot, true);
      return true;
    }),
  );
}
