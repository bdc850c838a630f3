/** Phase 10: the run succeeded, no confusable artifact names another signer, and the binding holds (PROTOCOL 8 and 11). @module */

import { checkBinding, checkBoundProof } from "../../../records/artifacts/binding.ts";
import { compareUtf8 } from "../../../system/bytes/utf8.ts";
import { type Rejection, reject } from "../../../system/codes/verdict.ts";
import type { JsonObject } from "../../../system/json/json-value.ts";
import { type Judging, known } from "./judging.ts";

/** Fails with DECISION_INVALID unless STATUS.json says `"status": "success"`, then `"cmp01": "pass"`. */
export function checkDecision(status: JsonObject): Rejection<"DECISION_INVALID"> | undefined {
  const wanted = [
    ["status", "success"],
    ["cmp01", "pass"],
  ] as const;
  const failed = wanted.find(([field, value]) => status.get(field) !== value);
  if (failed === undefined) return undefined;
  return reject("acceptance", "DECISION_INVALID", { artifact: "STATUS.json", field: failed[0] });
}

/** Fails with ARTIFACT_EXTRA where an entry could be taken for an identity, a payload or a signature. */
export function checkConfusable(names: readonly string[]): Rejection | undefined {
  const first = [...names].sort(compareUtf8)[0];
  return first === undefined ? undefined : reject("acceptance", "ARTIFACT_EXTRA", { artifact: first });
}

/**
 * The phase. A run that says itself that it failed passes only if the caller takes such runs and its binding holds: without one, no
 * signature covers its run id and its proof. Outputs are counted only where all were looked at. The digest of a proof that was put off
 * is checked later.
 */
export function acceptance(bundle: Judging): Rejection | undefined {
  const { findings, opened, proof, rows, takesFailed } = bundle;
  const { crypto } = bundle.context;
  const status = known(bundle.status);
  const claims = known(bundle.claims);
  const decision = checkDecision(status);
  if (decision !== undefined && takesFailed !== true) return decision;
  const facts = {
    runId: opened.runId,
    outputHashes: known(bundle.outputHashes).bytes,
    files: claims.length,
    bytes: claims.areAllLawful && rows === undefined ? findings?.bytes : undefined,
  };
  const bound = checkConfusable(opened.confusable) ?? checkBinding(status, facts, crypto);
  if (!bound.ok) return bound;
  const { binding } = bound;
  if (decision !== undefined && binding === undefined) return decision;
  bundle.accepted = { binding, isFailed: decision !== undefined };
  return proof && checkBoundProof(status, proof.bytes, crypto);
}
