/** Phase 10: the run succeeded, no confusable artifact names another signer, and the binding holds (PROTOCOL 8 and 11). @module */

import { checkBinding, checkBoundProof } from "../../artifacts/binding.ts";
import type { Crypto } from "../../bytes/crypto.ts";
import { ok, type Result } from "../../bytes/result.ts";
import { compareUtf8 } from "../../bytes/utf8.ts";
import { type Rejection, reject } from "../../codes/verdict.ts";
import type { JsonObject } from "../../json/json-value.ts";
import { type Accepted, type Judging, known, type ParsedArtifact, type SignedBundle } from "./judging.ts";

/** Fails with DECISION_INVALID unless STATUS.json says `"status": "success"`, then `"cmp01": "pass"`. */
export function checkDecision(status: JsonObject): Rejection | undefined {
  const wanted: readonly (readonly [string, string])[] = [
    ["status", "success"],
    ["cmp01", "pass"],
  ];
  const failed = wanted.find(([field, value]) => status.get(field) !== value);
  if (failed === undefined) return undefined;
  return reject("acceptance", "DECISION_INVALID", { artifact: "STATUS.json", field: failed[0] });
}

/** Fails with ARTIFACT_EXTRA where an entry could be taken for an identity, a payload or a signature. */
export function checkConfusable(names: readonly string[]): Rejection | undefined {
  const first = [...names].sort(compareUtf8)[0];
  return first === undefined ? undefined : reject("acceptance", "ARTIFACT_EXTRA", { artifact: first });
}

/** What the phase looks at. */
export type AcceptedBundle = Pick<SignedBundle, "opened" | "status" | "outputHashes" | "claims"> & {
  /** Undefined where the binding's digest of the proof is checked later. */
  readonly proof: ParsedArtifact | undefined;
};

/**
 * The phase as a whole. `bytes` is undefined where not all outputs were counted. With `takesFailed` a run that says itself that
 * it failed passes if its binding holds: without one, no signature covers its run id and its proof.
 */
export function checkAcceptance(
  { claims, opened, outputHashes, proof, status }: AcceptedBundle,
  bytes: number | undefined,
  crypto: Crypto,
  takesFailed = false,
): Result<Accepted, Rejection> {
  const decision = checkDecision(status);
  if (decision !== undefined && !takesFailed) return decision;
  const facts = { runId: opened.runId, outputHashes: outputHashes.bytes, files: claims.length, bytes };
  const bound = checkConfusable(opened.confusable) ?? checkBinding(status, facts, crypto);
  if (!bound.ok) return bound;
  const { binding } = bound;
  if (decision !== undefined && binding === undefined) return decision;
  const unbound = proof && checkBoundProof(status, proof.bytes, crypto);
  return unbound ?? ok({ binding, isFailed: decision !== undefined });
}

/** The phase for a run that succeeded. */
export function acceptance(bundle: Judging): Rejection | undefined {
  return accept(bundle, false);
}

/** The phase for a run that succeeded, or says itself that it failed. */
export function acceptanceOfFailed(bundle: Judging): Rejection | undefined {
  return accept(bundle, true);
}

function accept(bundle: Judging, takesFailed: boolean): Rejection | undefined {
  const { findings, opened, proof } = bundle;
  const claims = known(bundle.claims);
  const facts = {
    opened,
    claims,
    proof,
    status: known(bundle.status),
    outputHashes: known(bundle.outputHashes),
  };
  const bytes = claims.areAllLawful ? findings?.bytes : undefined;
  const accepted = checkAcceptance(facts, bytes, bundle.context.crypto, takesFailed);
  if (!accepted.ok) return accepted;
  bundle.accepted = accepted.value;
  return undefined;
}
