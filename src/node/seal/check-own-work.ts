/**
 * The signer checks itself: a bundle that our own verifier judges otherwise than it was meant is a bug, and is
 * never put in its place.
 *
 * @module
 */

import {
  ARTIFACT_NAMES,
  type ArtifactName,
  type ArtifactReading,
  concludeVerification,
  judgeArtifacts,
} from "../../core/internal.ts";
import { verifyContext } from "../bundle/verify-context.ts";

import type { RunOutcome, SealedOutputs, SignedArtifacts } from "./bundle-artifacts.ts";

/** Throws unless the artifacts are accepted, or, of a failed run, rejected for just that. */
export function checkOwnWork(
  runId: string,
  signed: SignedArtifacts,
  outputs: SealedOutputs,
  outcome: RunOutcome,
): void {
  const code = judge(runId, signed, outputs);
  if (code !== wantedOf(outcome)) throw new Error(`a bundle of our own was judged ${code}`);
}

function wantedOf(outcome: RunOutcome): string {
  if (outcome.status === "success") return "OK";
  // The proof comes first, in phase 7; the status in phase 10.
  return outcome.isRestored ? "DECISION_INVALID" : "RESTORATION_FAILED";
}

function judge(runId: string, signed: SignedArtifacts, outputs: SealedOutputs): string {
  const artifacts = Object.fromEntries(
    ARTIFACT_NAMES.map((name): [ArtifactName, ArtifactReading] => [
      name,
      { kind: "bytes", bytes: signed.artifacts[name] },
    ]),
  ) as Record<ArtifactName, ArtifactReading>;
  const context = verifyContext();
  const judged = judgeArtifacts({ runId, artifacts, forbidden: [], confusable: [] }, context);
  if (!judged.ok) return judged.code;
  const verdict = concludeVerification(judged.value, outputs.findings, context);
  return verdict.ok ? "OK" : verdict.code;
}
