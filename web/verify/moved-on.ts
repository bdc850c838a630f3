/**
 * Runs whose files have moved on: a later run explains what the folder holds, and the store may keep what was sealed (docs/store.md).
 *
 * @module
 */

import {
  type Crypto,
  differencesOf,
  explains,
  type JudgedBundle,
  MOST_LATER_RUNS,
  type MovedOn,
  mayExplain,
} from "../../src/core/internal.ts";
import type { StoredObjects } from "../store/stored-objects.ts";
import { type OutputPlace, outputsByDigest } from "./output-place.ts";
import type { ProjectRun, SealedFacts } from "./read-project.ts";
import { type BundleReport, phaseOf } from "./verify-bundle.ts";

/** What is known of a run whose files are not in the folder as they were sealed. */
export interface Moved {
  /** Undefined where no later run explains the differences, and where the store's bytes are not those that were sealed. */
  readonly explained: Explained | undefined;
  /** Whether the store has an object for each file. */
  readonly isKept: boolean;
}

/** The later run counts only if its signer is trusted. */
export interface Explained extends MovedOn {
  readonly by: SealedFacts;
  /** Whether the store holds each file as it was sealed: its bytes were hashed. False where it does not keep the run. */
  readonly isStored: boolean;
}

/** Where to look. */
export interface MovedRequest {
  /** The runs after it in a whole line, newest first. */
  readonly later: readonly ProjectRun[];
  readonly store: StoredObjects;
  /** Verifies a later run in the folder, or, without a place, its artifacts alone. */
  readonly verifyLater: (run: ProjectRun, isInFolder: boolean) => Promise<BundleReport>;
  /** Verifies the run itself in another place. */
  readonly verifyIn: (place: OutputPlace) => Promise<BundleReport>;
  readonly crypto: Crypto;
}

/** Looks for the cause where a run failed in the folder of its project; undefined for any other report. */
export async function findMovedOn(report: BundleReport, request: MovedRequest): Promise<Moved | undefined> {
  const { from, judged, verdict } = report;
  if (from !== "folder" || judged === undefined || verdict.ok) return undefined;
  const phase = phaseOf(verdict);
  if (phase !== "outputs" && phase !== "tree") return undefined;
  const isKept = await request.store.keepsAll(judged.claims);
  const found = await findExplaining(report, judged, request);
  if (found === undefined || !isKept) return { explained: found && { ...found, isStored: false }, isKept };
  const stored = await request.verifyIn(outputsByDigest(request.store));
  return { explained: stored.verdict.ok ? { ...found, isStored: true } : undefined, isKept };
}

async function findExplaining(
  report: BundleReport,
  { claims }: JudgedBundle,
  { crypto, later, verifyLater }: MovedRequest,
): Promise<Omit<Explained, "isStored"> | undefined> {
  const differences = claims.areAllLawful ? differencesOf(report.failures()) : undefined;
  if (differences === undefined) return undefined;
  for (const run of later.slice(0, MOST_LATER_RUNS)) {
    const { bundleRoot, runId, sealed } = run;
    const { judged } = await verifyLater(run, false);
    if (judged === undefined || sealed === undefined || bundleRoot === undefined) continue;
    if (!mayExplain(differences, judged.claims, crypto)) continue;
    if (!explains(differences, bundleRoot, await verifyLater(run, true), crypto)) return undefined;
    return { runId, differing: differences.files, files: claims.length, by: sealed };
  }
  return undefined;
}
