/**
 * How many bytes the outputs of a bundle may have at most, before any of them is read.
 *
 * @module
 */

import { declaredBytes, ok, type Result, type SignedBundle } from "../../core/internal.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import type { BundleReader, WantedOutputs } from "../source/bundle-source.ts";

/**
 * What to look for, of a bundle whose signature holds. Fails with BUNDLE_UNSUITABLE {run_id} where its binding does
 * not bound what an endless source sends.
 */
export function boundOutputs(
  { claims, opened, status }: Pick<SignedBundle, "claims" | "opened" | "status">,
  { isEndless = false }: Pick<BundleReader, "isEndless">,
): Result<WantedOutputs["bundle"], OperationFault> {
  const declared = declaredBytes(status);
  if (isEndless && declared === undefined)
    return operationFault("BUNDLE_UNSUITABLE", { reason: "unbound", run_id: opened.runId });
  return ok({ claims, declaredBytes: declared });
}
