/**
 * Gives each bundle of a project its place: in the history, beside it, or outside it.
 *
 * @module
 */

import type { HexDigest } from "../../system/bytes/hex.ts";
import type { HistoryPlace, HistoryRun } from "./history-model.ts";
import type { HistoryTree } from "./history-tree.ts";

/** The known facts about the history. */
export interface KnownHistory<Run> {
  /** Oldest first. */
  readonly line: readonly Run[];
  /** Bundles before the cut that are still there, oldest first. */
  readonly forgotten: readonly Run[];
  /** The bundle that HEAD names; undefined if it is missing. */
  readonly ended: Run | undefined;
  /** The bundle of a killed seal. */
  readonly started: Run | undefined;
  /** Roots that the history or a head names and no bundle has. */
  readonly lost: readonly HexDigest[];
  /** Whether a bundle of the history is missing. Then a foreign bundle may be an ancestor of the missing one. */
  readonly isBroken: boolean;
}

/** Gives every run its place. The first place that fits a run counts. */
export function placeRuns<Run extends HistoryRun>(
  runs: readonly Run[],
  tree: HistoryTree<Run>,
  known: KnownHistory<Run>,
): ReadonlyMap<Run, HistoryPlace> {
  const places = new Map<Run, HistoryPlace>();
  const place = (where: HistoryPlace, found: Iterable<Run>): void => {
    for (const run of found) if (!places.has(run)) places.set(run, where);
  };
  const after = (from: readonly Run[]): readonly Run[] =>
    tree.descendants(from.map(({ bundleRoot }) => bundleRoot));

  place("line", known.line);
  place("forgotten", known.forgotten);
  if (known.started !== undefined) place("unfinished", [known.started]);
  if (known.ended !== undefined) place("following", after([known.ended]));
  place("branch", after(known.line));
  place("beyond", tree.descendants(known.lost));
  place(known.isBroken ? "beyond" : "foreign", tree.linked);

  for (const run of tree.failed) {
    const before = tree.before(run);
    const isOurs =
      run.previousBundleRoot === undefined ||
      (before === undefined
        ? known.isBroken || tree.isAmong(run.previousBundleRoot, known.lost)
        : places.get(before) !== "foreign");
    const isForgotten = before !== undefined && places.get(before) === "forgotten";
    place(isForgotten ? "forgotten" : isOurs ? "beside" : "foreign", [run]);
  }
  // A copy of a bound bundle is rejected for its folder's name, and its verdict already reports that.
  place(
    "foreign",
    tree.copies.filter(({ standing }) => standing !== "rejected"),
  );
  place("unknown", runs);
  return places;
}
