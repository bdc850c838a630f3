/**
 * From what was found of files to what is sealed of them.
 *
 * @module
 */

import { FindingTable, makeListing, OutputTable, ok, type Result } from "../../../core/internal.ts";
import type { HashedOutput } from "../../records/store/keeping.ts";
import type { SharedFiles } from "../../system/hashing/hash-board.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { SealedOutputs } from "./bundle-contents.ts";

/**
 * Each file must have been read as it stood; the first that was not ends it. Fails with READ_FAILED or
 * CHANGED_WHILE_READ.
 */
export function readFindings(
  files: SharedFiles,
  findings: FindingTable,
): Result<SealedOutputs, OperationFault> {
  const table = new OutputTable(files);
  for (let index = 0; index < table.size; index++) {
    const kind = findings.kindAt(index);
    if (kind === "file") continue;
    // A file that is missing was listed a moment ago.
    const code = kind === "READ_FAILED" ? kind : "CHANGED_WHILE_READ";
    return operationFault(code, { path: table.pathAt(index) });
  }
  return ok(sealedOutputs(table, findings));
}

/** The outputs of a run that made none. */
export function noOutputs(): SealedOutputs {
  return sealedOutputs(new OutputTable(), FindingTable.of([]));
}

/** Outputs that were all read as they stood. A million of them would take two hundred megabytes as objects. */
function sealedOutputs(table: OutputTable, findings: FindingTable): SealedOutputs {
  const outputs = makeListing(table.size, (index): HashedOutput => {
    const digest = table.digestAt(index);
    const bytes = findings.columns.sizes[index];
    if (digest === undefined || bytes === undefined) throw new TypeError("each output was read as it stood");
    return { path: table.pathAt(index), digest, bytes };
  });
  return { ...outputs, table, findings, bytes: findings.bytes };
}
