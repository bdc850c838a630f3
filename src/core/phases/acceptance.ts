/** Phase 10: the run succeeded, nobody else seems to sign, and the binding holds (PROTOCOL 8 and 11). @module */

import { type Binding, type BoundFacts, checkBinding } from "../artifacts/binding.ts";
import type { Crypto } from "../crypto.ts";
import type { JsonObject } from "../json-value.ts";
import { compareUtf8 } from "../utf8.ts";
import { type Rejection, reject } from "../verdict.ts";

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
