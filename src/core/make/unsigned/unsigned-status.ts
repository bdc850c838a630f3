/**
 * STATUS.json of an unsigned bundle: exactly the members that a sealer writes, in canonical form (PROTOCOL 11.1).
 *
 * @module
 */

import { isUtcSecond } from "../../system/bytes/utc-time.ts";
import { isJsonObject, type JsonObject, oddMember } from "../../system/json/json-value.ts";
import { isComponent } from "../../system/paths/output-path.ts";
import { type UnsignedFault, unsignedFault } from "./unsigned-fault.ts";

const ARTIFACT = "STATUS.json";

const MEMBERS = ["cmp01", "completed_at", "error", "run_id", "runseal", "status"];

/** Members of the binding that name neither another bundle nor a signer. */
const BINDING_MEMBERS = [
  "version",
  "run_id",
  "proof_sha256",
  "output_hashes_sha256",
  "sealed_at",
  "files",
  "bytes",
];
const BINDING_OPTIONAL = ["output_tree_sha256"];

/** What an unsigned STATUS.json names. */
export interface UnsignedStatus {
  readonly runId: string;
  /** RFC 3339, UTC, whole seconds: the sealer's own word. */
  readonly sealedAt: string;
  readonly binding: JsonObject;
}

/**
 * Reads the members. Fails with UNSIGNED_INVALID, `mismatch` where two members contradict each other. The
 * binding's digests and counts are not checked here.
 */
export function readUnsignedStatus(
  status: JsonObject,
): (UnsignedStatus & { readonly ok: true }) | UnsignedFault {
  const odd = oddMember(status, MEMBERS);
  if (odd !== undefined) return malformed(odd);
  const binding = status.get("runseal");
  if (!isJsonObject(binding)) return malformed("runseal");
  const unbound = oddMember(binding, BINDING_MEMBERS, BINDING_OPTIONAL);
  if (unbound !== undefined) return malformed(unbound);
  const runId = binding.get("run_id");
  const sealedAt = binding.get("sealed_at");
  if (typeof runId !== "string" || !isComponent(runId)) return malformed("run_id");
  if (typeof sealedAt !== "string" || !isUtcSecond(sealedAt)) return malformed("sealed_at");
  if (status.get("run_id") !== runId) return unsignedFault("mismatch", ARTIFACT, "run_id");
  if (status.get("completed_at") !== sealedAt) return unsignedFault("mismatch", ARTIFACT, "completed_at");
  return { ok: true, runId, sealedAt, binding };
}

function malformed(field: string): UnsignedFault {
  return unsignedFault("malformed", ARTIFACT, field);
}
