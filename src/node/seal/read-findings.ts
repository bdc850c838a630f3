/**
 * From what was found of files to what is sealed of them.
 *
 * @module
 */

import { itemAt, ManyFindings, makeListing, ok, type Result } from "../../core/internal.ts";
import { listPaths, type SharedFiles } from "../hashing/hash-board.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import type { SealedOutput, SealedOutputs } from "./bundle-artifacts.ts";

/**
 * Each file must have been read as it stood; the first that was not ends it. Fails with READ_FAILED or
 * CHANGED_WHILE_READ.
 */
export function readFindings(
  files: SharedFiles,
  findings: ManyFindings,
): Result<SealedOutputs, OperationFault> {
  const paths = listPaths(files);
  for (let index = 0; index < paths.length; index++) {
    const kind = findings.kindAt(index);
    if (kind === "file") continue;
    // One that is missing was listed a moment ago.
    const code = kind === "READ_FAILED" ? kind : "CHANGED_WHILE_READ";
    return operationFault(code, { path: itemAt(paths, index) });
  }
  return ok(sealedOutputs(files, findings));
}

/** Outputs that were all read as they stood. A million of them would take two hundred megabytes as objects. */
function sealedOutputs(files: SharedFiles, findings: ManyFindings): SealedOutputs {
  const paths = listPaths(files);
  const outputs = makeListing(paths.length, (index): SealedOutput => {
    const finding = itemAt(findings, index);
    if (finding?.kind !== "file") throw new TypeError("each output was read as it stood");
    return { path: itemAt(paths, index), digest: finding.digest, bytes: finding.bytes };
  });
  return { ...outputs, files, findings, bytes: findings.bytes };
}

/** The outputs of a run that made none. */
export function noOutputs(): SealedOutputs {
  const digests = new Uint8Array(new SharedArrayBuffer(0));
  const pathStarts = new Uint32Array(new SharedArrayBuffer(4));
  const files = { length: 0, pathBytes: digests, pathStarts, digests };
  const found = { kinds: new Uint8Array(0), digests, sizes: new Float64Array(0) };
  return sealedOutputs(files, new ManyFindings(found));
}
