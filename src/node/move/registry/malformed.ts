/** Faults of a manifest or blob that is broken, and what tells them from those of a repository that can't be read. @module */

import { type HexDigest, ociDigest } from "../../../core/internal.ts";
import {
  type OperationFault,
  operationFault,
  type RegistryBreach,
} from "../../system/runtime/operation-fault.ts";

/** What breaks the specification: an answer, or a part of a layout. */
export function malformed(reference: string, reason: RegistryBreach): OperationFault {
  return operationFault("REGISTRY_MALFORMED", { reason, reference });
}

/** Other bytes than those of the digest that they were asked for by. */
export function otherBytes(reference: string, digest: HexDigest): OperationFault {
  return operationFault("REGISTRY_MALFORMED", { reason: "digest", reference, object: ociDigest(digest) });
}

/** Whether what was read is itself at fault, and not the way to it. Any user may put such a thing into a repository. */
export function isBrokenContent({ code, details }: OperationFault): boolean {
  // A whole layout that is missing is the way.
  if (code === "REGISTRY_NOT_FOUND") return details.reason !== "layout";
  return code === "REGISTRY_MALFORMED" || code === "CARRIED_RUN_MALFORMED";
}
