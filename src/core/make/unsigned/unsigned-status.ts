/**
 * STATUS.json of an unsigned bundle: exactly the members that a sealer writes, in canonical form (PROTOCOL 11.1).
 *
 * @module
 */

import { isUtcSecond } from "../../system/bytes/utc-time.ts";
import { hasExactly, isJsonObject, type JsonObject } from "../../system/json/json-value.ts";
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
  const extra = [...status.keys()].find((member) => !MEMBERS.includes(member));
  if (extra !== undefined) return malformed(extra);
  const absent = MEMBERS.find((member) => !status.has(member));
  if (absent !== undefined) return malformed(absent);
  const binding = status.get("runseal");
  if (!isJsonObject(binding)) return malformed("runseal");
  if (!hasExactly(binding, BINDING_MEMBERS, BINDING_OPTIONAL)) return malformed(oddMember(binding));
  const runId = binding.get("run_id");
  const sealedAt = binding.get("sealed_at");
  if (typeof runId !== "string" || !isComponent(runId)) return malformed("run_id");
  if (typeof sealedAt !== "string" || !isUtcSecond(sealedAt)) return malformed("sealed_at");
  if (status.get("run_id") !== runId) return unsignedFault("mismatch", ARTIFACT, "run_id");
  if (status.get("completed_at") !== sealedAt) return unsignedFault("mismatch", ARTIFACT, "completed_at");
  return { ok: true, runId, sealedAt, binding };
}

/** The first member of a binding that is not allowed, or else the first that is missing. */
function oddMember(binding: JsonObject): string {
  const allowed = [...BINDING_MEMBERS, ...BINDING_OPTIONAL];
  const extra = [...binding.keys()].find((member) => !allowed.includes(member));
  return extra ?? BINDING_MEMBERS.find((member) => !binding.has(member)) ?? "runseal";
}

function malformed(field: string): UnsignedFault {
  return unsignedFault("malformed", ARTIFACT, field);
}
