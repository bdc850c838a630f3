/**
 * From what was found of files to what is sealed of them.
 *
 * @module
 */

import { itemAt, ManyFindings, makeListing, ok, type Result } from "../../core/index.ts";
import { type OperationFault, operationFault } from "../operation-fault.ts";
import type { SealedOutput, SealedOutputs } from "./bundle-artifacts.ts";

/**
 * Each file must have been read as it stood; the first that was not ends it. Fails with READ_FAILED or
 * CHANGED_WHILE_READ.
 */
export function readFindings(
  paths: readonly string[],
  findings: ManyFindings,
): Result<SealedOutputs, OperationFault> {
  for (let index = 0; index < paths.length; index++) {
    const kind = findings.kindAt(index);
    if (kind === "file") continue;
    // One that is missing was listed a moment ago.
    const code = kind === "READ_FAILED" ? kind : "CHANGED_WHILE_READ";
    return operationFault(code, { path: itemAt(paths, index) });
  }
  return ok(sealedOutputs(paths, findings));
}

/** Outputs that were all read as they stood. A million of them would take two hundred megabytes as objects. */
function sealedOutputs(paths: readonly string[], findings: ManyFindings): SealedOutputs {
  const outputs = makeListing(paths.length, (index): SealedOutput => {
    const finding = itemAt(findings, index);
    if (finding?.kind !== "file") throw new TypeError("each output was read as it stood");
    return { path: itemAt(paths, index), digest: finding.digest, bytes: finding.bytes };
  });
  return { ...outputs, findings, bytes: findings.bytes };
}

/** The outputs of a run that made none. */
export function noOutputs(): SealedOutputs {
  const nothing = { kinds: new Uint8Array(0), digests: new Uint8Array(0), sizes: new Float64Array(0) };
  return sealedOutputs([], new ManyFindings(nothing));
}
