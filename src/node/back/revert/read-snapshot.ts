/**
 * Reads the bundles that a revert stands on. They are judged as any bundle is: form, signature, binding and tree, and whether the
 * signer is trusted. The bytes of files are not looked at here: each object is hashed when it is used.
 *
 * @module
 */

import {
  type BoundGuard,
  type HexDigest,
  inChain,
  type JsonObject,
  ok,
  type Result,
  SnapshotView,
} from "../../../core/internal.ts";
import { inspectRun, readSealedTree, type SeenRun } from "../../judge/history/inspect-run.ts";
import { type Decide, type UntrustedSigner, untrustedSigner } from "../../keys/trust/whom-to-trust.ts";
import type { VerifyFailure } from "../../records/bundle/verify-context.ts";
import { nearest } from "../../records/project/near-runs.ts";
import { readRunLinks } from "../../records/project/run-links.ts";
import { type OperationFault, operationFault, withDetails } from "../../system/runtime/operation-fault.ts";
import type { GuardFolders } from "./walk-snapshots.ts";

/** The bundles of a held guard, and whom to believe. */
export interface GuardBundles extends GuardFolders {
  readonly decide: Decide;
}

/** A bundle whose signature holds, by a signer that is trusted. */
export interface ReadRun {
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  readonly taskSpec: JsonObject;
  /** The snapshots that a guarded run names. */
  readonly guard: BoundGuard | undefined;
}

/** A snapshot. */
export interface ReadSnapshot extends ReadRun {
  readonly view: SnapshotView;
  /** The patterns by which it left something out. */
  readonly ignored: readonly string[];
}

/** Why a bundle is not believed. */
export type BundleRefusal = VerifyFailure | UntrustedSigner;

/** RUN_NOT_FOUND for a bundle that is not there, with the ids that are most like its own. */
export function runMissing(
  { own, shown }: Pick<GuardBundles, "own" | "shown">,
  runId: string,
): OperationFault<"RUN_NOT_FOUND"> {
  const names = [...readRunLinks(own)].map((links) => links.runId);
  return operationFault("RUN_NOT_FOUND", {
    reason: "id",
    path: shown,
    run_id: runId,
    ...nearest(names, runId),
    waiting: [],
  });
}

/**
 * Reads a bundle; one of a failed run too. Fails with RUN_NOT_FOUND, as `openBundle` does, with what it is rejected for, and for a
 * signer that is not trusted.
 */
export function readRun(bundles: GuardBundles, runId: string): Result<ReadRun, BundleRefusal> {
  const read = readJudged(bundles, runId);
  return read.ok ? ok(read.value.found) : read;
}

/** The same, with all that its artifacts say: the bytes of a list of a million files are not to be held for long. */
function readJudged(
  bundles: GuardBundles,
  runId: string,
): Result<{ readonly found: ReadRun } & Required<Pick<SeenRun, "run" | "sealed">>, BundleRefusal> {
  const { decide, runs } = bundles;
  if (!runs.has(runId)) return runMissing(bundles, runId);
  const { failure, run, sealed } = inspectRun(runs.address(runId));
  if (sealed === undefined || run.bundleRoot === undefined || run.standing === "rejected") {
    if (failure === undefined) throw new TypeError("a bundle is rejected for something");
    return inRun(failure, bundles, runId);
  }
  const trust = decide(sealed);
  if (!trust.ok)
    return untrustedSigner(sealed.signer, trust, "the snapshot is sound, but ", { run_id: runId });
  const { bundleRoot, guard } = run;
  return ok({ found: { runId, bundleRoot, guard, taskSpec: sealed.taskSpec }, run, sealed });
}

/** Reads a snapshot; `undefined` for a bundle that is not one. Fails as `readRun` does, and with what its tree is rejected for. */
export function readSnapshot(
  source: GuardBundles,
  runId: string,
): Result<ReadSnapshot | undefined, BundleRefusal> {
  const read = readJudged(source, runId);
  if (!read.ok) return read;
  const { found, run, sealed } = read.value;
  if (run.standing !== "succeeded" || sealed?.treeBinding === undefined) return ok(undefined);
  const tree = readSealedTree(source.runs.address(runId), sealed);
  if (!tree.ok) return inRun(tree, source, runId);
  if (tree.value?.kind !== "snapshot") return ok(undefined);
  const view = new SnapshotView(sealed.treeBinding.table, tree.value);
  return ok({ ...found, view, ignored: tree.value.ignored });
}

/** A failure with its run; what can't be read has a path that may be shown. */
function inRun(failure: VerifyFailure, { shown }: Pick<GuardBundles, "shown">, runId: string): VerifyFailure {
  return "phase" in failure ? inChain(failure, runId) : withDetails(failure, { path: `${shown}/${runId}` });
}
