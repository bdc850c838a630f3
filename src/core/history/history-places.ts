/**
 * Where each bundle of a project stands: in the line, beside it, or out of it.
 *
 * @module
 */

import type { HexDigest } from "../bytes/hex.ts";
import type { HistoryPlace } from "./history-model.ts";
import type { HistoryRun } from "./history-run.ts";
import type { HistoryTree } from "./history-tree.ts";

/** What is known of the line. */
export interface KnownLine<Run> {
  /** Oldest first. */
  readonly line: readonly Run[];
  /** The bundle that HEAD names, where it is there. */
  readonly ended: Run | undefined;
  /** The bundle of a seal that was cut off. */
  readonly started: Run | undefined;
  /** Roots that the line or a head names, and that no bundle bears. */
  readonly lost: readonly HexDigest[];
  /** Whether something of the line itself is lost: then nobody can tell a stranger from a lost one's ancestor. */
  readonly isBroken: boolean;
}

/** Gives every run its place. */
export function placeRuns<Run extends HistoryRun>(
  runs: readonly Run[],
  tree: HistoryTree<Run>,
  known: KnownLine<Run>,
): ReadonlyMap<Run, HistoryPlace> {
  const places = new Map<Run, HistoryPlace>();
  const place = (where: HistoryPlace, found: Iterable<Run>): void => {
    for (const run of found) if (!places.has(run)) places.set(run, where);
  };
  const behind = (from: Iterable<Run>): readonly Run[] => tree.descendants(rootsOf(from));

  place("line", known.line);
  if (known.started !== undefined) place("unfinished", [known.started]);
  if (known.ended !== undefined) place("following", behind([known.ended]));
  place("branch", behind(known.line));
  place("beyond", tree.descendants(known.lost));
  place(known.isBroken ? "beyond" : "foreign", tree.linked);

  for (const run of tree.failed) {
    const before = tree.before(run);
    const isOurs =
      run.previousBundleRoot === undefined ||
      (before === undefined
        ? known.isBroken || tree.isAmong(run.previousBundleRoot, known.lost)
        : places.get(before) !== "foreign");
    place(isOurs ? "beside" : "foreign", [run]);
  }
  // A copy of a bundle is rejected where it is bound, for its folder's name; its own verdict says enough.
  place(
    "foreign",
    tree.copies.filter(({ standing }) => standing !== "rejected"),
  );
  place("unknown", runs);
  return places;
}

function* rootsOf<Run extends HistoryRun>(runs: Iterable<Run>): Generator<HexDigest, void, undefined> {
  for (const { bundleRoot } of runs) if (bundleRoot !== undefined) yield bundleRoot;
}
