/**
 * Plan, then apply: which files a restore puts where, decided before anything is written (PROTOCOL 13.4).
 *
 * A chain is one plan: its runs stand side by side, each in a folder of its own (PROTOCOL 13.8).
 *
 * @module
 */

import type { RestorableBundle } from "../bundle/restore-order.ts";
import type { VerifiedOutput } from "../bundle/verified-outputs.ts";
import type { VerifiedChain } from "../bundle/verify-chain.ts";
import type { HexDigest } from "../bytes/hex.ts";
import { inPathOrder, itemAt, type Listing, makeListing } from "../bytes/listing.ts";
import { ok, type Result } from "../bytes/result.ts";
import { type RestoreFault, restoreFault } from "../codes/restore-fault.ts";
import { mergePaths } from "../tree/merge-paths.ts";
import { type LinkChoice, type PlannedTree, planTree } from "./planned-tree.ts";
import { resultArtifacts } from "./restore-artifacts.ts";

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

/** What stands where a source should be, by lstat. */
export type SourceKind = "file" | "missing" | "other";

/** Which outputs to restore: all of them where undefined, else those at or below one of these paths. */
export type RestoreSelection = readonly string[] | undefined;

/** What of the bundles to restore. */
export interface RestoreChoice {
  readonly only?: RestoreSelection;
  /** Default: `inside`. */
  readonly links?: LinkChoice | undefined;
}

/**
 * Plans for a verified bundle, or one of a failed run, and for nothing else. Fails with RESTORE_SELECTION_NOT_FOUND if a
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
  chain: VerifiedChain,
  choice: RestoreChoice = {},
): Result<RestorePlan, RestoreFault> {
  const runs = chain.bundles.map((bundle) => ({ bundle, folder: bundle.runId }));
  return planRuns(runs, chain.chainRoot, choice);
}

/** Where an output of a run comes to stand, relative to the restore root. */
export function targetPath(run: Pick<PlannedRun, "folder">, path: string): string {
  return run.folder === "" ? path : `${run.folder}/${path}`;
}

/**
 * Compares an output of a plan with its source. Fails with RESTORE_SOURCE_MISSING or RESTORE_SOURCE_NOT_REGULAR_FILE
 * (a link too: the plan copies files, it does not follow anything). Names the run if it is one of a chain.
 */
export function checkSource(
  { path }: VerifiedOutput,
  kind: SourceKind,
  runId: string | undefined,
): RestoreFault | undefined {
  if (kind === "file") return undefined;
  const code = kind === "missing" ? "RESTORE_SOURCE_MISSING" : "RESTORE_SOURCE_NOT_REGULAR_FILE";
  return restoreFault("PLAN", code, runId === undefined ? { path } : { path, run_id: runId });
}

/** What the checks of a plan look at of a run. */
export interface RunNames {
  readonly folder: string;
  readonly files: Listing<{ readonly path: string }>;
  readonly tree: PlacedTree | undefined;
}

/** The paths of a run's files, links and empty folders in byte order, relative to the folder of the run. */
function* entriesOf({
  files,
  tree,
}: RunNames): Generator<{ readonly path: string; readonly isFolder: boolean }> {
  if (tree === undefined) {
    for (const { path } of files) yield { path, isFolder: false };
    return;
  }
  const { emptyFolders, links } = tree;
  for (const { list, path } of mergePaths([pathsOf(files), pathsOf(links), emptyFolders])) {
    yield { path, isFolder: list === FOLDERS };
  }
}

/** The number of the list of empty folders among those that are merged. */
const FOLDERS = 2;

function pathsOf(items: Listing<{ readonly path: string }>): Listing<string> {
  return makeListing(items.length, (index) => itemAt(items, index).path);
}

/**
 * Refuses entries that bear the names of result artifacts. For a plain bundle only where no such artifacts are written that would
 * be in their way: a later undo would take the entries for a record of what to remove.
 */
export function refuseReportNames(runs: Iterable<RunNames>, reports: boolean): RestoreFault | undefined {
  for (const run of runs) {
    const hasTree = run.tree !== undefined;
    if (reports && !hasTree) continue;
    const reserved = resultArtifacts(hasTree);
    for (const { path } of entriesOf(run)) {
      const isReserved = reserved.some((name) => name === path || (hasTree && path.startsWith(`${name}/`)));
      if (isReserved) {
        const details = { path: targetPath(run, path) };
        return restoreFault("VERIFY", "RESTORE_RESULT_ARTIFACT_WRITE_FAILED", details);
      }
    }
  }
  return undefined;
}

/** Fails with RESTORE_LINK_LEAVES_ROOT for the first link that leads outside of its bundle's tree. */
export function refuseLeavingLinks({ chainRoot, runs }: RestorePlan): RestoreFault | undefined {
  for (const { runId, tree } of runs) {
    if (tree?.leaving === undefined) continue;
    const { path, target } = tree.leaving;
    const where = chainRoot === undefined ? {} : { run_id: runId };
    return restoreFault("PLAN", "RESTORE_LINK_LEAVES_ROOT", { path, target, ...where });
  }
  return undefined;
}

/** What stands at a target, by lstat. */
export type TargetKind = "nothing" | "folder" | "other";

/**
 * Fails with RESTORE_TARGET_PATH_EXISTS where a target or a result artifact is there already, by lstat: a
 * dangling link exists too. A folder in the place of an empty folder is used. Pauses after each of them. Without `reports` no
 * result artifact is asked about.
 */
export function* checkTargetsInSteps(
  runs: Iterable<RunNames>,
  kindOf: (path: string) => TargetKind,
  reports = true,
): Generator<undefined, RestoreFault | undefined, undefined> {
  for (const run of runs) {
    for (const { isFolder, path: name } of targetsOf(run, reports)) {
      const path = targetPath(run, name);
      const kind = kindOf(path);
      const isFree = kind === "nothing" || (kind === "folder" && isFolder);
      if (!isFree) return restoreFault("EXECUTE", "RESTORE_TARGET_PATH_EXISTS", { path });
      yield;
    }
  }
  return undefined;
}

function* targetsOf(run: RunNames, reports: boolean): ReturnType<typeof entriesOf> {
  yield* entriesOf(run);
  const artifacts = reports ? resultArtifacts(run.tree !== undefined) : [];
  for (const path of artifacts) yield { path, isFolder: false };
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

/** A loop: `/\/+$/` needs quadratic time for many slashes before another character. */
function withoutTrailingSlashes(path: string): string {
  let end = path.length;
  while (path.charAt(end - 1) === "/") end--;
  return path.slice(0, end);
}

/** Whether a path or a folder above it is wanted; each wanted path that is met is noted as found. */
function isSelected(path: string, wanted: ReadonlySet<string>, found: Set<string>): boolean {
  let selected = false;
  for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
    const above = path.slice(0, end);
    if (!wanted.has(above)) continue;
    found.add(above);
    selected = true;
  }
  return selected;
}
