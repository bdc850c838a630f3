/** Tells a manifest or blob that is broken from a repository that can't be read. @module */

import type { OperationFault } from "../runtime/operation-fault.ts";

/** Whether what was read is itself at fault, and not the way to it. Any user may put such a thing into a repository. */
export function isBrokenContent({ code }: OperationFault): boolean {
  return (
    code === "REGISTRY_NOT_FOUND" ||
    code === "REGISTRY_DIGEST_WRONG" ||
    code === "REGISTRY_MALFORMED" ||
    code === "REGISTRY_TOO_LARGE" ||
    code === "LAYOUT_MALFORMED" ||
    code === "CARRIED_RUN_MALFORMED"
  );
}
