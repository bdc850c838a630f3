/**
 * Reads unchecked claims about a run from two of its artifacts. They suffice to order many runs before each is
 * judged, and must not be used for anything else.
 *
 * @module
 */

import { BOUND_GUARD } from "../../records/artifacts/bound-guard.ts";
import { NO_FAILED_RUNS, readFailedRuns } from "../../records/artifacts/failed-runs.ts";
import { isJsonObject, type JsonObject, memberIn } from "../../system/json/json-value.ts";
import { DIGEST, MOMENT, readAs } from "../../system/json/record.ts";
import { checkDecision } from "../bundle/phases/acceptance.ts";
import type { HistoryRun } from "./history-model.ts";

/** STATUS.json and SIGNED_PAYLOAD.json, parsed; undefined if one is missing or malformed. */
export interface ClaimingArtifacts {
  readonly status: JsonObject | undefined;
  readonly payload: JsonObject | undefined;
}

/** Reads the claims. All of them may be false. Does not read proofs. */
export function readClaimedRun(runId: string, { status, payload }: ClaimingArtifacts): HistoryRun {
  const isSuccess = status !== undefined && checkDecision(status) === undefined;
  return {
    runId,
    bundleRoot: readAs(DIGEST, payload?.get("bundle_root")),
    ...boundPlace(status),
    proofHash: undefined,
    previousProofHash: undefined,
    standing: status === undefined ? "rejected" : isSuccess ? "succeeded" : "failed",
  };
}

/** Reads a bundle's place from its binding, without checking the binding. Leaves out malformed members. */
export function boundPlace(
  status: JsonObject | undefined,
): Pick<HistoryRun, "failedRuns" | "guard" | "previousBundleRoot" | "sealedAt"> {
  const declared = status?.get("runseal");
  const failed = isJsonObject(declared) ? readFailedRuns(declared) : undefined;
  return {
    previousBundleRoot: readAs(DIGEST, memberIn(declared, "previous_bundle_root")),
    sealedAt: readAs(MOMENT, memberIn(declared, "sealed_at")),
    failedRuns: failed?.ok === true ? failed.value : NO_FAILED_RUNS,
    guard: readAs(BOUND_GUARD, memberIn(declared, "guard")),
  };
}

/** A bundle without any readable claim. */
export function unknownRun(runId: string): HistoryRun {
  return readClaimedRun(runId, { status: undefined, payload: undefined });
}
