/**
 * Plan, then apply: which files a restore puts where, decided before anything is written (PROTOCOL 13.4).
 *
 * A chain is one plan: its runs stand side by side, each in a folder of its own (PROTOCOL 13.8).
 *
 * @module
 */

import type { VerifiedOutput } from "../../judge/bundle/bundle-facts.ts";
import type { RestorableBundle, VerifiedBundle } from "../../judge/bundle/judge.ts";
import type { HexDigest } from "../../system/bytes/hex.ts";
import { inPathOrder, type Listing } from "../../system/bytes/listing.ts";
import { ok, type Result } from "../../system/bytes/result.ts";
import { type RestoreFault, restoreFault } from "../../system/codes/restore-fault.ts";
import { type LinkChoice, type PlannedTree, planTree } from "./planned-tree.ts";
import { isSelected, withoutTrailingSlashes } from "./selection.ts";

/** What a restore will do. */
export interface RestorePlan {
  /** In the caller's order. */
  readonly runs: readonly PlannedRun[];
  /** Undefined outside a chain. */
  readonly chainRoot: HexDigest | undefined;
}

/** What a restore will do with the outputs of one bundle. */
export interface PlannedRun {
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  /** The folder below the restore root that the outputs come into; empty for the root itself. */
  readonly folder: string;
  /** In byte order of path. */
  readonly files: Listing<VerifiedOutput>;
  readonly bytes: number;
  /** Undefined for a plain bundle. */
  readonly tree: PlannedTree | undefined;
}

/** What of a tree is put in place, besides its files. */
export type PlacedTree = Pick<PlannedTree, "emptyFolders" | "links">;

/** Which outputs to restore: all of them where undefined, else those at or below one of these paths. */
export type RestoreSelection = readonly string[] | undefined;

/** What of the bundles to restore. */
export interface RestoreChoice {
  readonly only?: RestoreSelection;
  /** Default: `inside`. */
  readonly links?: LinkChoice | undefined;
}

/**
 * Plans for a verified bundle, one of a failed run, or the outputs of one that were chosen before, and for nothing else. Fails with RESTORE_SELECTION_NOT_FOUND if a
 * selected path is neither an entry nor a folder of entries.
 */
export function planRestore(
  bundle: RestorableBundle,
  choice: RestoreChoice = {},
): Result<RestorePlan, RestoreFault> {
  return planRuns([{ bundle, folder: "" }], undefined, choice);
}

/**
 * Plans for a verified chain: each run in a folder of its id. Selected paths begin with that folder, and a
 * run of which nothing was selected is left out.
 */
export function planChainRestore(
  bundles: readonly VerifiedBundle[],
  chainRoot: HexDigest,
  choice: RestoreChoice = {},
): Result<RestorePlan, RestoreFault> {
  const runs = bundles.map((bundle) => ({ bundle, folder: bundle.runId }));
  return planRuns(runs, chainRoot, choice);
}

/** Where an output of a run comes to stand, relative to the restore root. */
export function targetPath(run: Pick<PlannedRun, "folder">, path: string): string {
  return run.folder === "" ? path : `${run.folder}/${path}`;
}

/** A bundle, and the folder that it is restored into. */
interface BundleInFolder {
  readonly bundle: RestorableBundle;
  readonly folder: string;
}

function planRuns(
  bundles: readonly BundleInFolder[],
  chainRoot: HexDigest | undefined,
  { links = "inside", only }: RestoreChoice,
): Result<RestorePlan, RestoreFault> {
  if (only === undefined) {
    return ok({ runs: bundles.map((each) => planRun(each, undefined, links)), chainRoot });
  }
  const wanted = new Set(only.map(withoutTrailingSlashes));
  const found = new Set<string>();
  const runs = bundles.flatMap((each) => {
    let isAny = false;
    const isWanted = (path: string): boolean => {
      const isHere = isSelected(targetPath(each, path), wanted, found);
      isAny ||= isHere;
      return isHere;
    };
    const run = planRun(each, isWanted, links);
    return isAny ? [run] : [];
  });
  const lost = [...wanted].find((path) => !found.has(path));
  if (lost !== undefined) return restoreFault("PLAN", "RESTORE_SELECTION_NOT_FOUND", { path: lost });
  // An empty selection: a restore without files would look like a success.
  if (runs.length === 0) return restoreFault("PLAN", "RESTORE_SELECTION_NOT_FOUND");
  return ok({ runs, chainRoot });
}

function planRun(
  { bundle, folder }: BundleInFolder,
  isSelected: ((path: string) => boolean) | undefined,
  links: LinkChoice,
): PlannedRun {
  const { bundleRoot, runId } = bundle;
  const all = inPathOrder(bundle.outputs);
  const files = isSelected === undefined ? all : [...all].filter(({ path }) => isSelected(path));
  const bytes =
    isSelected === undefined ? bundle.bytes : Array.from(files).reduce((sum, file) => sum + file.bytes, 0);
  const tree = bundle.tree && planTree(bundle.tree, { files, isSelected, links });
  return { runId, bundleRoot, folder, files, bytes, tree };
}
