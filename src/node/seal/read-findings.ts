/**
 * From what was found of files to what is sealed of them.
 *
 * @module
 */

import { type Listing, type OutputFinding, ok, type Result } from "../../core/index.ts";
import { type OperationFault, operationFault } from "../operation-fault.ts";
import type { SealedOutput } from "./bundle-artifacts.ts";

/**
 * Each file must have been read as it stood; the first that was not ends it. Fails with READ_FAILED or
 * CHANGED_WHILE_READ.
 */
export function readFindings(
  paths: readonly string[],
  findings: Listing<OutputFinding | undefined>,
): Result<readonly SealedOutput[], OperationFault> {
  const outputs: SealedOutput[] = [];
  for (const [index, path] of paths.entries()) {
    const finding = findings.at(index);
    if (finding?.kind === "unreadable") return operationFault(finding.code, { path });
    // It was listed a moment ago.
    if (finding?.kind !== "file") return operationFault("CHANGED_WHILE_READ", { path });
    outputs.push({ path, digest: finding.digest, bytes: finding.bytes });
  }
  return ok(outputs);
}
