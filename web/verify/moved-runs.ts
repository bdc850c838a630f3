/**
 * Runs whose files have moved on: a later run explains what the folder holds, and the store may keep what was sealed (docs/store.md).
 *
 * @module
 */

import { type Crypto, findMovedOn, type MovedOn } from "../../src/core/internal.ts";
import type { StoredObjects } from "../store/given-objects.ts";
import { type OutputPlace, outputsByDigest } from "./output-place.ts";
import type { ProjectRun, SealedFacts } from "./read-project.ts";
import { type BundleFailure, type BundleReport, phaseOf } from "./verify-bundle.ts";

/** What is known of a run whose files are not in the folder as they were sealed. */
export interface Moved {
  /** Undefined where no later run explains the differences, and where the store's bytes are not those that were sealed. */
  readonly explained: ExplainedRun | undefined;
  /** Whether the store has an object for each file. */
  readonly isKept: boolean;
}

/** The later run counts only if its signer is trusted. */
export interface ExplainedRun extends MovedOn {
  readonly by: SealedFacts;
  /** Whether the store holds each file as it was sealed: its bytes were hashed. False where it does not keep the run. */
  readonly isStored: boolean;
}

/** Where to look. */
export interface MovedRequest {
  /** The runs after it in a whole history, newest first. */
  readonly later: readonly ProjectRun[];
  readonly store: StoredObjects;
  /** Verifies a later run in the folder, or, without a place, its artifacts alone. */
  readonly verifyLater: (run: ProjectRun, isInFolder: boolean) => Promise<BundleReport>;
  /** Verifies the run itself in another place. */
  readonly verifyIn: (place: OutputPlace) => Promise<BundleReport>;
  readonly crypto: Crypto;
}

/** Looks for the cause where a run failed in the folder of its project; undefined for any other report. */
export async function findLaterRun(
  { failures, from, judged, verdict }: BundleReport,
  { crypto, later, store, verifyIn, verifyLater }: MovedRequest,
): Promise<Moved | undefined> {
  const phase = verdict.ok ? undefined : phaseOf(verdict);
  if (from !== "folder" || judged === undefined || (phase !== "outputs" && phase !== "tree"))
    return undefined;
  const isKept = await store.keepsAll(judged.claims);
  const found = await findMovedOn<ProjectRun, BundleFailure>(judged, {
    later: later.filter(({ sealed }) => sealed !== undefined),
    failures: async () => failures(),
    claimsOf: async (run) => (await verifyLater(run, false)).judged?.claims,
    compare: async (run) => await verifyLater(run, true),
    isKept: () => isKept,
    verifyStored: async () => await verifyIn(outputsByDigest(store)),
    crypto,
  });
  const by = found?.by.sealed;
  if (found === undefined || by === undefined || found.stored.kind === "damaged")
    return { explained: undefined, isKept };
  return { explained: { ...found.movedOn, by, isStored: found.stored.kind === "whole" }, isKept };
}
