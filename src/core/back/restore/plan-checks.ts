/**
 * What a plan is checked for before anything is written: sources, reserved names, links that lead outside, and taken targets.
 *
 * @module
 */

import type { VerifiedOutput } from "../../judge/bundle/bundle-facts.ts";
import { mergePaths } from "../../records/tree/merge-paths.ts";
import { itemAt, type Listing, makeListing } from "../../system/bytes/listing.ts";
import { type RestoreFault, restoreFault } from "../../system/codes/restore-fault.ts";
import { resultArtifacts } from "./restore-artifacts.ts";
import { type PlacedTree, type RestorePlan, targetPath } from "./restore-plan.ts";

/** What stands where a source should be, by lstat. */
export type SourceKind = "file" | "missing" | "other";

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
