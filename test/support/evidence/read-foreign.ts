/**
 * Reading evidence of other tools alone. Fails for a proof of files.
 *
 * @module
 */

import { type EvidenceFault, unsupported } from "../../../src/core/make/evidence/reading/evidence-fault.ts";
import { type Evidence, readEvidence } from "../../../src/core/make/evidence/reading/read-evidence.ts";
import { isFileProofFault } from "../../../src/core/make/proof/file-proof.ts";
import type { Result } from "../../../src/core/system/bytes/result.ts";

/** Reads evidence. A proof of files is an unknown form here. */
export function readForeign(bytes: Uint8Array, namespace: string): Result<Evidence, EvidenceFault> {
  const read = readEvidence(bytes, namespace);
  if (!read.ok) return isFileProofFault(read) ? unsupported("unknown") : read;
  const { value } = read;
  return value.form === "proof" ? unsupported("unknown") : { ok: true, value };
}
