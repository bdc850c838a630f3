/**
 * The bundle of a run that failed, restored only where the caller asks for it. `FailedBundle` is born in this file and
 * nowhere else.
 *
 * @module
 */

import { type Binding, checkBoundProof, declaredBytes } from "../artifacts/binding.ts";
import { ok, type Result } from "../bytes/result.ts";
import type { Rejection, Undecided } from "../codes/verdict.ts";
import { checkFailedAcceptance } from "./phases/acceptance.ts";
import { FindingTable } from "./phases/findings.ts";
import { outputFailures } from "./phases/outputs.ts";
import { parseArtifact } from "./phases/parse.ts";
import { checkPresence } from "./phases/presence.ts";
import { checkProofHash } from "./phases/proof.ts";
import { verifiedOutputs } from "./verified-outputs.ts";
import {
  accept,
  type BundleFacts,
  type EligibleBundle,
  type VerifiedBundle,
  type VerifyContext,
} from "./verify-bundle.ts";

/** The brand of such a bundle. It never leaves this file, so no other code can make one. */
const failed: unique symbol = Symbol("failed");

/**
 * A bundle that passed all of the ten phases but one thing: it says itself that its run failed. No verifier accepts it; it
 * can be restored where the caller asks for failed runs.
 */
export interface FailedBundle extends BundleFacts {
  readonly [failed]: true;
  readonly binding: Binding;
}

/** What can be restored, and nothing else. */
export type RestorableBundle = VerifiedBundle | FailedBundle;

/**
 * Takes the last step of a restore's preflight for a run that says that it failed. Its proof must be what the binding
 * names, whatever it says of scratch.
 */
export function admitFailedCandidate(
  eligible: EligibleBundle,
  context: VerifyContext,
): Result<FailedBundle, Rejection | Undecided> {
  const missing = checkPresence(eligible.opened, ["PROOF.json"]);
  if (missing !== undefined) return missing;
  const proof = parseArtifact(eligible.opened, "PROOF.json");
  if (!proof.ok) return proof;
  const { crypto } = context;
  const { claims, findings, status } = eligible;
  const [failure] = outputFailures(claims, findings, crypto, declaredBytes(status));
  const rejection =
    checkProofHash(proof.value.object, crypto) ??
    failure ??
    checkBoundProof(status, proof.value.bytes, crypto);
  if (rejection !== undefined) return rejection;
  const bytes = FindingTable.of(findings).bytes;
  const accepted = accept(eligible, bytes, context, checkFailedAcceptance);
  if (!accepted.ok) return accepted;
  const { binding } = accepted.value;
  if (binding === undefined) throw new TypeError("a failed run without a binding is not eligible");
  const { bundleRoot, opened, outputHashes, signer, taskSpec } = eligible;
  return ok({
    [failed]: true,
    runId: opened.runId,
    bundleRoot,
    signer,
    outputs: verifiedOutputs(claims, FindingTable.of(findings)),
    bytes,
    binding,
    taskSpec,
    outputHashes: outputHashes.object,
    countersignatures: accepted.value.countersignatures,
  });
}
