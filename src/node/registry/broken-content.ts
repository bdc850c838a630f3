/** Tells a manifest or blob that is broken from a repository that can't be read. @module */

import type { OperationFault } from "../runtime/operation-fault.ts";

/** Whether what was read is itself at fault, and not the way to it. Any user may put such a thing into a repository. */
export function isBrokenContent({ code, details }: OperationFault): boolean {
  // A whole layout that is missing is the way.
  if (code === "REGISTRY_NOT_FOUND") return details.reason !== "layout";
  return code === "REGISTRY_MALFORMED" || code === "CARRIED_RUN_MALFORMED";
}
