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
import { inPathOrder, type Listing } from "../bytes/listing.ts";
import { ok, type Result } from "../bytes/result.ts";
import { type RestoreFault, restoreFault } from "../codes/restore-fault.ts";
import { RESULT_ARTIFACTS } from "./restore-artifacts.ts";

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
}

/** What stands where a source should be, by lstat. */
export type SourceKind = "file" | "missing" | "other";

/** Which outputs to restore: all of them where undefined, else those at or below one of these paths. */
export type RestoreSelection = readonly string[] | undefined;

/**
 * Plans for a verified bundle, or one of a failed run, and for nothing else. Fails with RESTORE_SELECTION_NOT_FOUND if a
 * selected path is neither an output nor a folder of outputs.
 */
export function planRestore(
  bundle: RestorableBundle,
  selection?: RestoreSelection,
): Result<RestorePlan, RestoreFault> {
  return select([planRun(bundle, "")], undefined, selection);
}

/**
 * Plans for a verified chain: each run in a folder of its id. Selected paths begin with that folder, and a
 * run of which nothing was selected is left out.
 */
export function planChainRestore(
  chain: VerifiedChain,
  selection?: RestoreSelection,
): Result<RestorePlan, RestoreFault> {
  const runs = chain.bundles.map((bundle) => planRun(bundle, bundle.runId));
  return select(runs, chain.chainRoot, selection);
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

/**
 * Refuses outputs that bear the names of result artifacts, where no such artifacts are written that would be in their way: a
 * later undo would take them for a record of what to remove.
 */
export function refuseReportNames(plan: RestorePlan): RestoreFault | undefined {
  for (const run of plan.runs) {
    for (const { path } of run.files) {
      if (RESULT_ARTIFACTS.some((name) => name === path)) {
        const details = { path: targetPath(run, path) };
        return restoreFault("VERIFY", "RESTORE_RESULT_ARTIFACT_WRITE_FAILED", details);
      }
    }
  }
  return undefined;
}

/**
 * Fails with RESTORE_TARGET_PATH_EXISTS where a target or a result artifact is there already, by lstat: a
 * dangling link exists too. Pauses after each of them. Without `reports` no result artifact is asked about.
 */
export function* checkTargetsInSteps(
  plan: RestorePlan,
  isThere: (path: string) => boolean,
  reports = true,
): Generator<undefined, RestoreFault | undefined, undefined> {
  for (const run of plan.runs) {
    for (const name of targetNames(run, reports)) {
      const path = targetPath(run, name);
      if (isThere(path)) return restoreFault("EXECUTE", "RESTORE_TARGET_PATH_EXISTS", { path });
      yield;
    }
  }
  return undefined;
}

function* targetNames({ files }: PlannedRun, reports: boolean): Generator<string> {
  for (const { path } of files) yield path;
  if (reports) yield* RESULT_ARTIFACTS;
}

function planRun(bundle: RestorableBundle, folder: string): PlannedRun {
  const files = inPathOrder(bundle.outputs);
  return { runId: bundle.runId, bundleRoot: bundle.bundleRoot, folder, files, bytes: bundle.bytes };
}

function select(
  runs: readonly PlannedRun[],
  chainRoot: HexDigest | undefined,
  selection: RestoreSelection,
): Result<RestorePlan, RestoreFault> {
  if (selection === undefined) return ok({ runs, chainRoot });
  const wanted = new Set(selection.map(withoutTrailingSlashes));
  const found = new Set<string>();
  const selected = runs.flatMap((run) => {
    const files: VerifiedOutput[] = [];
    for (const file of run.files) {
      if (isSelected(targetPath(run, file.path), wanted, found)) files.push(file);
    }
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    return files.length === 0 ? [] : [{ ...run, files, bytes }];
  });
  const lost = [...wanted].find((path) => !found.has(path));
  if (lost !== undefined) return restoreFault("PLAN", "RESTORE_SELECTION_NOT_FOUND", { path: lost });
  // An empty selection: a restore without files would look like a success.
  if (selected.length === 0) return restoreFault("PLAN", "RESTORE_SELECTION_NOT_FOUND");
  return ok({ runs: selected, chainRoot });
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
