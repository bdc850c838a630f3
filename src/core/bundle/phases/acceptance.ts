/** Phase 10: the run succeeded, nobody else seems to sign, and the binding holds (PROTOCOL 8 and 11). @module */

import { type Binding, type BoundFacts, checkBinding } from "../../artifacts/binding.ts";
import type { Crypto } from "../../bytes/crypto.ts";
import { compareUtf8 } from "../../bytes/utf8.ts";
import { type Rejection, reject } from "../../codes/verdict.ts";
import type { JsonObject } from "../../json/json-value.ts";

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

/** The phase as a whole, but for the binding's digest of the proof. */
export function checkAcceptance(
  status: JsonObject,
  confusable: readonly string[],
  facts: BoundFacts,
  crypto: Crypto,
): { readonly ok: true; readonly binding: Binding | undefined } | Rejection {
  return checkDecision(status) ?? checkConfusable(confusable) ?? checkBinding(status, facts, crypto);
}

/**
 * The phase for a run that says itself that it failed: all but the decision. Without a binding that holds, the bundle is
 * rejected for its decision, since no signature covers its run id and its proof.
 */
export function checkFailedAcceptance(
  status: JsonObject,
  confusable: readonly string[],
  facts: BoundFacts,
  crypto: Crypto,
): { readonly ok: true; readonly binding: Binding } | Rejection {
  const decision = checkDecision(status);
  if (decision === undefined) throw new TypeError("a run that succeeded was taken for a failed one");
  const bound = checkConfusable(confusable) ?? checkBinding(status, facts, crypto);
  if (!bound.ok) return bound;
  return bound.binding === undefined ? decision : { ok: true, binding: bound.binding };
}
