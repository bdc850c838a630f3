/**
 * How many bytes the outputs of a bundle may have at most, before any of them is read.
 *
 * @module
 */

import { declaredBytes, ok, type RestoreCandidate, type Result } from "../../core/internal.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import type { BundleReader, WantedOutputs } from "../source/bundle-source.ts";

/** The caller's limit. */
export interface BoundDemand {
  /** Bytes that the outputs of a bundle may have whose binding does not say it; read for sources without an end only. */
  readonly maxBytes?: number | undefined;
}

/**
 * What to look for, of a bundle whose signature holds. Fails with UNBOUND_NEEDS_MAX_BYTES {run_id} where neither its binding nor the
 * caller bounds what an endless source sends.
 */
export function boundOutputs(
  { claims, opened, status }: Pick<RestoreCandidate, "claims" | "opened" | "status">,
  { isEndless = false }: Pick<BundleReader, "isEndless">,
  { maxBytes }: BoundDemand,
): Result<WantedOutputs["bundle"], OperationFault> {
  const declared = declaredBytes(status);
  if (!isEndless || declared !== undefined) return ok({ claims, declaredBytes: declared });
  if (maxBytes === undefined) return operationFault("UNBOUND_NEEDS_MAX_BYTES", { run_id: opened.runId });
  return ok({ claims, declaredBytes: maxBytes });
}
