/**
 * Reading evidence of other tools alone. Fails for a proof of files.
 *
 * @module
 */

import type { Result } from "../../../src/core/bytes/result.ts";
import { type EvidenceFault, unsupported } from "../../../src/core/evidence/reading/evidence-fault.ts";
import { type Evidence, readEvidence } from "../../../src/core/evidence/reading/read-evidence.ts";
import { isFileProofFault } from "../../../src/core/proof/file-proof.ts";

/** Reads evidence. A proof of files is an unknown form here. */
export function readForeign(bytes: Uint8Array, namespace: string): Result<Evidence, EvidenceFault> {
  const read = readEvidence(bytes, namespace);
  if (!read.ok) return isFileProofFault(read) ? unsupported("unknown") : read;
  const { value } = read;
  return value.form === "proof" ? unsupported("unknown") : { ok: true, value };
}
